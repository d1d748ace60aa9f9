import { resolve } from 'node:path';
import type { ExportBatch, ExportImage, ExportSource, TextFormat } from '../export-format.js';

/** A program that takes the same RoIs, or objects, out of the run file. */
export const pythonExport: TextFormat = {
  id: 'python',
  title: 'Python snippet (pyarrow)',
  holds: 'A short program that takes these RoIs, or these objects, out of the run file; it needs pyarrow',
  extension: 'py',
  text: pythonText,
};

async function* pythonText(
  { path, manifest: { createdAt, remined } }: ExportSource,
  batches: AsyncIterable<ExportBatch>,
): AsyncGenerator<string> {
  const objects: string[] = [];
  // Strings of JSON are strings of Python.
  yield `${HEAD}RUN = ${JSON.stringify(resolve(path))}\n`;
  yield `MADE = ${JSON.stringify(remined?.at(-1)?.at ?? createdAt)}\n`;
  yield '# By place of the image: places in its list of RoIs, the hardest first.\nROIS = {\n';
  for await (const { rows, images } of batches) {
    const placesOf = new Map(images.map(({ imageIndex }): [number, number[]] => [imageIndex, []]));
    for (const { image_index, row } of rows) placesOf.get(image_index)?.push(row);
    for (const image of images) {
      yield lineOf(image, placesOf.get(image.imageIndex) ?? []);
      if (image.listedGts !== null)
        objects.push(
          lineOf(
            image,
            [...image.listedGts].sort((a, b) => a - b),
          ),
        );
    }
  }
  yield `}\n`;
  if (objects.length > 0) yield `# Places in its list of objects.\nOBJECTS = {\n${objects.join('')}}\n`;
  yield READ;
  if (objects.length > 0) yield 'objects = entries("gts", OBJECTS)\n';
  yield TAIL;
}

function lineOf({ imageIndex, summary }: ExportImage, places: readonly number[]): string {
  return `    ${imageIndex}: [${places.join(', ')}],  # ${JSON.stringify(summary.id)}\n`;
}

const HEAD = `# The RoIs that OHEM Lens showed, out of the run file as it was then. Needs pyarrow.
import json
import pyarrow as pa

`;

const READ = `

def entries(column, places_of):
    """A dict for each place: image, place and name of the label, and what the run file says."""
    found = []
    with pa.ipc.open_stream(pa.memory_map(RUN)) as run:
        manifest = json.loads(run.schema.metadata[b"ohem"])
        made = (manifest.get("remined") or [{"at": manifest["createdAt"]}])[-1]["at"]
        if made != MADE:
            raise SystemExit(f"{RUN} was mined anew at {made}: its places are others")
        names = manifest["classes"] + ["background", "ignore"]
        first, last = 0, max(places_of, default=-1)
        while first <= last:
            batch = run.read_next_batch()
            for row in range(batch.num_rows):
                told = {"image": batch.column("id")[row].as_py(), "path": batch.column("path")[row].as_py()}
                for place in places_of.get(first + row, []):
                    entry = batch.column(column)[row][place].as_py()
                    found.append({**told, "row": place, "label": names[entry["gt_class"]], **entry})
            first += batch.num_rows
    return found


`;

const TAIL = `rois = entries("rois", ROIS)  # pandas.DataFrame(rois), or pyarrow.Table.from_pylist(rois)
print(len(rois), "RoIs", rois[:3])
`;

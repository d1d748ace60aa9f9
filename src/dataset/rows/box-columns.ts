/** Which columns of a table are which of a box: by their header's words, or as the person names them. */
import { isImageName } from './image-files.js';
import { indexOfFirst, peekRows, plainName } from './table.js';

/** Words of headers for each, without case, spaces, hyphens and underscores; the likeliest first. */
const WORDS = {
  image: ['filename', 'image', 'imagepath', 'imagename', 'path', 'file', 'filepath', 'imagefile', 'img', 'imageid'],
  label: ['class', 'label', 'classname', 'category', 'labelname', 'categoryname', 'name'],
  x1: ['xmin', 'x1', 'left', 'bboxxmin', 'bboxx1', 'x', 'bboxx', 'xtl'],
  y1: ['ymin', 'y1', 'top', 'bboxymin', 'bboxy1', 'y', 'bboxy', 'ytl'],
  x2: ['xmax', 'x2', 'right', 'bboxxmax', 'bboxx2', 'xbr'],
  y2: ['ymax', 'y2', 'bottom', 'bboxymax', 'bboxy2', 'ybr'],
  boxwidth: ['bboxwidth', 'boxwidth', 'bboxw', 'w'],
  boxheight: ['bboxheight', 'boxheight', 'bboxh', 'h'],
  width: ['imagewidth', 'imgwidth', 'width'],
  height: ['imageheight', 'imgheight', 'height'],
} as const;

export type BoxColumn = keyof typeof WORDS;
/** What `--columns` may name. */
export const BOX_COLUMNS = Object.keys(WORDS) as readonly BoxColumn[];
/** Headers as they stand in the file, for columns that are called otherwise. */
export type ColumnNames = Readonly<Partial<Record<BoxColumn, string>>>;
export type ColumnIndices = Readonly<Partial<Record<BoxColumn, number | undefined>>> & { readonly hasHeader: boolean };

/**
 * Where each column stands; null: there is no image, no label or no whole box. `width` and `height` are the image's
 * where the corners are all there, else the box's. A first row `image, number × 4, label` is data without a header.
 */
export function boxColumns(first: readonly string[], named: ColumnNames = {}): ColumnIndices | null {
  if (isBareRow(first)) return { image: 0, x1: 1, y1: 2, x2: 3, y2: 4, label: 5, hasHeader: false };
  const names = first.map(plainName);
  const found: Partial<Record<BoxColumn, number | undefined>> = {};
  for (const column of BOX_COLUMNS) {
    const own = named[column];
    const index = own === undefined ? indexOfFirst(names, WORDS[column]) : names.indexOf(plainName(own));
    if (index !== -1) found[column] = index;
  }
  const hasCorners = found.x2 !== undefined && found.y2 !== undefined;
  if (!hasCorners && found.boxwidth === undefined && found.boxheight === undefined) {
    found.boxwidth = found.width;
    found.boxheight = found.height;
    found.width = undefined;
    found.height = undefined;
  }
  const needed = [
    found.image,
    found.label,
    found.x1,
    found.y1,
    found.x2 ?? found.boxwidth,
    found.y2 ?? found.boxheight,
  ];
  return needed.includes(undefined) ? null : { ...found, hasHeader: true };
}

/** RetinaNet's: path,x1,y1,x2,y2,class; without objects path,,,,, */
function isBareRow([image = '', ...rest]: readonly string[]): boolean {
  const numbers = rest.slice(0, 4).map((cell) => cell.trim());
  return (
    rest.length === 5 &&
    isImageName(image.trim()) &&
    numbers.every((cell) => cell === '' || !Number.isNaN(Number(cell)))
  );
}

const OPEN_IMAGES = ['ImageID', 'LabelName', 'XMin', 'XMax', 'YMin', 'YMax'];

/** Is a table's header that of Open Images, whose corners are fractions and whose labels are codes? */
export function isOpenImages(head: string): boolean {
  const [first = []] = peekRows(head, 1);
  return OPEN_IMAGES.every((name) => first.includes(name));
}

/** Does a table's head look like boxes: a header that says so and an image below, or a bare row? */
export function isTableOfBoxes(head: string): boolean {
  if (isOpenImages(head)) return false;
  const [first = [], ...below] = peekRows(head.replace(/^\ufeff/, ''), 5);
  const columns = boxColumns(first);
  if (columns === null || !columns.hasHeader) return columns !== null;
  return below.some((cells) => isImageName(cells[columns.image ?? -1] ?? ''));
}

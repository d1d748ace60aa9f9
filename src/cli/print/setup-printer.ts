import { inWords } from '../../core/said.js';
import type { SetupLine, SetupSurveyLine } from '../../protocol/setup-messages.js';

/** Prints what a set-up or its removal tells: as JSON, one object a line, or for a person. */
export function setupPrinter(json: boolean): (line: SetupLine) => void {
  let percent = -1;
  return (line) => {
    if (json) return write(JSON.stringify(line));
    if (line.event === 'bytes') {
      // A line a tenth: a log keeps every one.
      const now = line.total === 0 ? percent : 10 * Math.floor((10 * line.received) / line.total);
      if (now !== percent) write(`  ${(percent = now)} % of ${Math.round(line.total / 1e6)} MB`);
      return;
    }
    for (const text of linesOf(line)) write(text);
  };
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

function linesOf(line: Exclude<SetupLine, { event: 'bytes' }>): readonly string[] {
  switch (line.event) {
    case 'survey':
      return surveyLines(line);
    case 'step':
      return line.state === 'done'
        ? []
        : [line.state === 'kept' ? `${line.name}: done before` : `${line.name}: ${line.of}`];
    case 'verdict':
      return [`${line.id}: ${line.runs ? `runs: ${inWords(line.text)}` : inWords(line.text)}`];
    case 'removed':
      return [line.wasThere ? `removed ${line.folder}` : `nothing to remove in ${line.folder}`];
    // The command line says its errors itself.
    case 'failed':
    case 'output':
      return [];
  }
}

function surveyLines({ machine, linked, dataFolder, choices }: SetupSurveyLine): string[] {
  const { platform, node, gpu, cuda, npm, compiler } = machine;
  const or = (text: string, otherwise = 'none') => (text === '' ? otherwise : text);
  const size = (mb: number) => (mb === 0 ? '' : ` [${mb} MB]`);
  const tools = `NVIDIA: ${or(gpu, 'no nvidia-smi')}; CUDA toolkit: ${or(cuda)}; npm: ${or(npm)}; g++: ${or(compiler)}`;
  return [
    `Node.js ${node} on ${platform}; ${tools}`,
    `set up in ${dataFolder}: ${linked === null ? 'nothing' : `TensorFlow ${linked.version} (${linked.folder})`}`,
    ...choices.map(({ title, detail, more, why, downloadMb, args }) => {
      const option = args.length === 0 ? '' : `: ${args.join(' ')}`;
      const says =
        why === ''
          ? [detail, more]
              .map((part) => inWords(part))
              .filter(Boolean)
              .join('. ')
          : `not here: ${inWords(why)}`;
      return `- ${inWords(title)}${size(downloadMb)}${option}\n    ${says}`;
    }),
    ...(choices.some(({ isHere }) => isHere) ? [] : [NO_TENSORFLOW]),
  ];
}

const NO_TENSORFLOW =
  'No TensorFlow was found. One for current GPUs: ' +
  'python3 -m venv tf && tf/bin/pip install "tensorflow[and-cuda]" (about 3 GB; CPU only: tensorflow-cpu, 280 MB), ' +
  'then: ohem engines setup --tensorflow tf';

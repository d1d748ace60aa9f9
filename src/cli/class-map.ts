/** The map of classes as the CLI reads and proposes it. */
import { suggestClasses, type ClassLists, type ClassMap } from '../core/class-names.js';
import { MiningError } from '../core/mining-error.js';
import { readText } from '../files/reading.js';
import { check } from '../protocol/check.js';
import { classMap } from '../protocol/mining-requests.js';

/** `{"RBC": "red blood cell", "dust": null}` of a file. @throws MiningError 'options' that names the key. */
export async function readClassMap(path: string): Promise<ClassMap> {
  const text = await readText(path).catch((error: unknown) => {
    const received = error instanceof Error ? error.message : String(error);
    throw new MiningError('options', '--classes', 'a readable file', received, { file: path });
  });
  try {
    return check(classMap, JSON.parse(text), 'classes', path);
  } catch (error) {
    if (error instanceof MiningError) throw error;
    throw new MiningError('options', '--classes', 'JSON', String(error), { file: path });
  }
}

/** What to do about two lists that differ: a command that saves the likeliest map, to be read and mended. */
export function classMapAdvice(lists: ClassLists): string {
  const map = JSON.stringify(suggestClasses(lists), null, 2);
  const names = lists.checkpoint.join(', ');
  return (
    `The checkpoint's classes: ${names}\nThis saves the likeliest map; mend it (null: ignore their objects), ` +
    `then mine again with --classes classes.json:\n\ncat > classes.json <<'END'\n${map}\nEND\n`
  );
}

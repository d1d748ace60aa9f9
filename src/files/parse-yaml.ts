/** YAML that others wrote: bounded before the parser sees it. */
import { parse } from 'yaml';

/** Deeper than any configuration or list of classes. */
const MAX_DEPTH = 64;
const MAX_INDENTATION = 200;

/**
 * The value of a YAML text. Nesting is bounded first: a thousand `[` make the parser exhaust the stack inside a regular
 * expression, which ends the process, and a few hundred `? ` cost it seconds.
 * @param maxAliasCount how many values aliases may stand for; 0: none.
 * @throws YAMLParseError; Error where values are nested more than 64 deep, or lines indented by more than 200.
 */
export function parseYaml(text: string, maxAliasCount = 100): unknown {
  refuseDepth(text);
  return parse(text, { logLevel: 'error', maxAliasCount });
}

function refuseDepth(text: string): void {
  let open = 0;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const indicators = /^(?:[-?:]?[ \t]+)*/.exec(line)?.[0] ?? '';
    const numIndicators = indicators.replace(/[ \t]/g, '').length;
    if (indicators.length - numIndicators > MAX_INDENTATION) throw new Error('lines indented too deeply');
    for (const letter of line) {
      if (letter === '[' || letter === '{') open++;
      if ((letter === ']' || letter === '}') && open > 0) open--;
      if (open + numIndicators > MAX_DEPTH) throw new Error('values nested too deeply');
    }
  }
}

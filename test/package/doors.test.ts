/** What the menus of package.json offer, where: their `when` conditions, evaluated as VS Code does. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Entry {
  readonly command: string;
  readonly when?: string;
}
const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  contributes: { menus: Readonly<Record<string, readonly Entry[]>> };
};
type Context = Readonly<Record<string, string | boolean | readonly string[]>>;

/** The operators that our conditions have: `||`, `&&`, `!`, `==`, `=~`, `in` and `not in`. */
function holds(when: string, context: Context): boolean {
  return when.split(' || ').some((all) => all.split(' && ').every((term) => termHolds(term, context)));
}

function termHolds(term: string, context: Context): boolean {
  const [, key = '', operator = '', value = ''] = /^(\S+) (==|=~|in|not in) (.+)$/.exec(term) ?? [];
  if (operator === '==') return String(context[key] ?? '') === value.replaceAll("'", '');
  if (operator === 'in' || operator === 'not in') {
    const list = context[value];
    return (Array.isArray(list) && list.includes(context[key])) === (operator === 'in');
  }
  if (operator === '=~') {
    const [, pattern = '', flags = ''] = /^\/(.*)\/(\w*)$/.exec(value) ?? [];
    return new RegExp(pattern, flags).test(String(context[key] ?? ''));
  }
  return term.startsWith('!') ? !context[term.slice(1)] : context[term] === true;
}

/** Commands that a menu offers, without the extension's name. */
function offered(menu: string, context: Context): string[] {
  const entries = contributes.menus[menu] ?? [];
  const shown = entries.filter(({ when = '' }) => when === '' || holds(when, context));
  return [...new Set(shown.map(({ command }) => command.replace('ohemLens.', '')))].sort();
}

const file = (extension: string): Context => ({ resourceExtname: extension, resourceScheme: 'file' });

describe('the explorer offers', () => {
  it.each(['.onnx', '.ONNX', '.tflite', '.json', '.xml', '.csv', '.pt'])('to mine %s', (extension) => {
    expect(offered('explorer/context', file(extension))).toEqual(['mine']);
  });

  it('to mine a folder, to import a dump, to look at a run and to export it', () => {
    expect(offered('explorer/context', { explorerResourceIsFolder: true })).toEqual(['mine']);
    const ofRuns = { explorerResourceIsFolder: true, resourcePath: '/a/run', 'ohemLens.runFolders': ['/b', '/a/run'] };
    expect(offered('explorer/context', ofRuns)).toEqual(['mine', 'openShardedRun']);
    expect(offered('explorer/context', file('.jsonl'))).toEqual(['importDump']);
    expect(offered('explorer/context', file('.ohem'))).toEqual([
      'allExamples',
      'exportSelection',
      'resumeRun',
      'train',
    ]);
  });

  it('to resume and to train, but not on runs that are known to do neither', () => {
    const run = { ...file('.ohem'), resourcePath: '/w/a.ohem' };
    const known = { 'ohemLens.unresumableRuns': ['/w/a.ohem'], 'ohemLens.untrainableRuns': ['/w/b.ohem'] };
    expect(offered('explorer/context', { ...run, ...known })).toEqual(['allExamples', 'exportSelection', 'train']);
    const other = { ...run, resourcePath: '/w/b.ohem', ...known };
    expect(offered('explorer/context', other)).toEqual(['allExamples', 'exportSelection', 'resumeRun']);
  });

  it('to compare runs that are selected together, and nothing on other files', () => {
    const together = { ...file('.ohem'), listMultiSelection: true };
    expect(offered('explorer/context', together)).toContain('compareSelected');
    expect(offered('explorer/context', file('.txt'))).toEqual([]);
  });
});

describe('what cannot apply is not offered', () => {
  const inView = (viewItem: string): Context => ({ view: 'ohemLens.images', viewItem });

  it('training on a run that cannot train', () => {
    expect(offered('view/item/context', inView('run-complete'))).toContain('train');
    expect(offered('view/item/context', inView('run-complete-untrainable'))).not.toContain('train');
    expect(offered('commandPalette', {})).toContain('train');
    expect(offered('commandPalette', { 'ohemLens.untrainable': true })).not.toContain('train');
    const editor = { activeCustomEditorId: 'ohemLens.run' };
    expect(offered('editor/title', editor)).toContain('train');
    expect(offered('editor/title', { ...editor, 'ohemLens.untrainable': true })).not.toContain('train');
  });

  it('comparing with one run', () => {
    for (const [menu, context] of [
      ['view/title', { view: 'ohemLens.images' }],
      ['commandPalette', {}],
    ] as const) {
      expect(offered(menu, context)).toContain('compareCheckpoints');
      expect(offered(menu, { ...context, 'ohemLens.fewRuns': true })).not.toContain('compareCheckpoints');
    }
  });

  it('resuming a run that is whole, stopping one that does not run', () => {
    expect(offered('view/item/context', inView('run-partial'))).toContain('resumeRun');
    expect(offered('view/item/context', inView('run-complete'))).not.toContain('resumeRun');
    expect(offered('view/item/context', inView('run-running'))).toContain('stopMining');
    expect(offered('view/item/context', inView('run-complete'))).not.toContain('stopMining');
  });
});

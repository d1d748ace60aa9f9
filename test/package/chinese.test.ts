/** Chinese is whole: each English text has its line, with the same places, links and commands in it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): Readonly<Record<string, string>> => JSON.parse(readFileSync(path, 'utf8'));

describe.each([
  ['l10n/bundle.l10n.json', 'l10n/bundle.l10n.zh-cn.json'],
  ['package.nls.json', 'package.nls.zh-cn.json'],
])('the Chinese of %s', (englishPath, chinesePath) => {
  const [english, chinese] = [read(englishPath), read(chinesePath)];
  const pairs = Object.entries(english).map(([key, text]) => [text, chinese[key] ?? ''] as const);

  it(`has a line for each text: write what is missing into ${chinesePath}`, () => {
    expect(Object.keys(english).filter((key) => !(key in chinese))).toEqual([]);
  });

  it('has no line for a text that is gone', () => {
    expect(Object.keys(chinese).filter((key) => !(key in english))).toEqual([]);
  });

  it('has the same places for values, links and code in it', () => {
    const places = (text: string) => (text.match(/\{\d+\}|\(command:[\w.]+\)|`[^`]*`/g) ?? []).sort();
    expect(pairs.filter(([text, said]) => places(text).join() !== places(said).join())).toEqual([]);
  });

  it('is Chinese: what is the same in both is a name', () => {
    const isWords = (text: string) => /\p{Ll}{3} \p{Ll}{3}/u.test(text);
    expect(pairs.filter(([text, said]) => text === said && isWords(text))).toEqual([]);
  });
});

/**
 * media/contract.schema.json is generated: `UPDATE=1 npx vitest run test/package/contract-schema.test.ts` writes it.
 * It is tried by the library that VS Code completes and validates JSON with.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { getLanguageService, TextDocument } from 'vscode-json-languageservice';
import { contractJsonSchema } from '../../src/checkpoint/contract-json-schema.js';
import { checkContract } from '../../src/checkpoint/files/contract.js';
import { FAMILIES } from '../../src/checkpoint/registry.js';

const FILE = 'media/contract.schema.json';
const HOW = 'run: UPDATE=1 npx vitest run test/package/contract-schema.test.ts';
/** As it is written: without what is undefined. */
const schema = JSON.parse(JSON.stringify(contractJsonSchema()));
if (process.env['UPDATE'] === '1') writeFileSync(FILE, `${JSON.stringify(schema, null, 1)}\n`);

const service = getLanguageService({});
service.configure({ validate: true, schemas: [{ fileMatch: ['*.ohem.json'], uri: 'file:///contract', schema }] });

/** A contract in the editor; `|` is the cursor. */
function opened(marked: string) {
  const text = marked.replace('|', '');
  const document = TextDocument.create('file:///a.ohem.json', 'json', 1, text);
  return { document, json: service.parseJSONDocument(document), cursor: document.positionAt(marked.indexOf('|')) };
}

async function problems(contract: unknown): Promise<string[]> {
  const { document, json } = opened(JSON.stringify(contract));
  return (await service.doValidation(document, json)).map(({ message }) =>
    typeof message === 'string' ? message : message.value,
  );
}

async function completions(marked: string): Promise<string[]> {
  const { document, cursor, json } = opened(marked);
  return ((await service.doComplete(document, cursor, json))?.items ?? []).map(({ label }) => label);
}

async function hover(marked: string): Promise<string> {
  const { document, cursor, json } = opened(marked);
  return JSON.stringify((await service.doHover(document, cursor, json))?.contents);
}

describe('the schema of a contract', () => {
  it('is the families’', () => {
    expect(JSON.parse(readFileSync(FILE, 'utf8')), HOW).toEqual(schema);
  });

  it('is VS Code’s for every contract', () => {
    const { contributes } = parse(readFileSync('package.json', 'utf8'));
    expect(contributes.jsonValidation).toEqual([{ fileMatch: ['*.ohem.json', 'ohem.json'], url: `./${FILE}` }]);
  });

  it('takes the sample’s contract and every one in the docs, as the reader does', async () => {
    const docs = readFileSync('docs/checkpoints.md', 'utf8');
    const blocks = [...docs.matchAll(/```json\n([^`]*)```/g)].map(([, text = '']) => JSON.parse(text));
    const contracts = blocks.filter((json) => 'family' in json);
    expect(contracts.length).toBeGreaterThanOrEqual(3);
    for (const contract of [...contracts, JSON.parse(readFileSync('media/sample/checkpoint/ohem.json', 'utf8'))]) {
      expect(await problems(contract)).toEqual([]);
      const family = FAMILIES.find(({ id }) => id === contract.family);
      if (family !== undefined) checkContract(family.contract, { path: 'x', text: '', contract });
    }
  });

  it.each(FAMILIES.map((family) => [family.id, family] as const))('has an example of %s', async (id, { contract }) => {
    const example = schema.examples.find((each: unknown) => JSON.stringify(each).includes(`"family":"${id}"`));
    expect(await problems(example)).toEqual([]);
    checkContract(contract, { path: 'x', text: '', contract: example });
  });

  it('the docs show the example of the generic family', () => {
    const generic = FAMILIES.find(({ id }) => id === 'generic');
    const docs = readFileSync('docs/checkpoints.md', 'utf8').replace(/\s/g, '');
    expect(docs).toContain(JSON.stringify(generic !== undefined && 'example' in generic ? generic.example : null));
  });

  it.each([
    [{}, /Missing property "family"/],
    [{ family: 'yolox', strdes: [8] }, /Property strdes is not allowed/],
    [{ family: 'nope' }, /Valid values: "yolov8"/],
    [{ family: 'yolox', preprocess: { channels: 'grb' } }, /Valid values: "rgb", "bgr"/],
    [{ family: 'nanodet', decoded: true }, /Property decoded is not allowed/],
    [{ family: 'generic' }, /Missing property "boxes"/],
  ])('refuses %j', async (contract, expected) => {
    expect((await problems(contract)).join()).toMatch(expected);
  });
});

describe('in the editor', () => {
  it('families are proposed, each with what it is', async () => {
    expect(await completions('{"family": |}')).toEqual(
      expect.arrayContaining(FAMILIES.map(({ id }) => JSON.stringify(id))),
    );
    expect(await hover('{"family": "yo|lox"}')).toContain('YOLOX');
  });

  it('an empty file is proposed a contract of each family', async () => {
    expect(await completions('|')).toEqual(expect.arrayContaining(FAMILIES.map(({ id }) => `${id} contract`)));
  });

  it('keys are those of the family, and none of another', async () => {
    const keys = await completions('{"family": "yolox", |}');
    expect(keys).toEqual(expect.arrayContaining(['classes', 'decoded', 'preprocess', 'strides']));
    expect(keys).not.toContain('regMax');
    expect(await completions('{"family": "yolox", "preprocess": {|}}')).toContain('resize');
    expect(await completions('{"family": "yolox", "preprocess": {"resize": |}}')).toContain('"letterbox-centre"');
  });

  it('a key tells what it means', async () => {
    expect(await hover('{"family": "yolox", "dec|oded": true}')).toContain('px of the input already');
    expect(await hover('{"family": "yolox", "preprocess": {"s|td": [1, 1, 1]}}')).toContain('Of pixels in 0…255');
    expect(await hover('{"family": "rf-detr", "cla|ssMap": {}}')).toContain('its objects are ignored');
  });
});

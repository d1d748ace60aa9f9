/** A scripted client asks `ohem mcp` as an agent does. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRun, type RunWriter } from '../../../src/run/file/run-store.js';
import { buildCli, type BuiltCli } from '../../built-cli.js';
import { sampleImage, sampleManifest } from '../arrow/run-sample.js';

let built: BuiltCli;
let folder: string;
let writer: RunWriter;
let client: Client;

beforeAll(async () => {
  built = await buildCli();
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-mcp-'));
  // It is still being written.
  writer = await createRun(path.join(folder, 'it.ohem'), sampleManifest());
  await writer.append(sampleImage('a.jpg', 9, 2));
  client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [built.path, 'mcp'], cwd: folder, stderr: 'inherit' }),
  );
}, 120_000);
afterAll(async () => {
  await client.close();
  await writer.close();
  await built.remove();
  await rm(folder, { recursive: true, force: true });
});

const ask = async (name: string, given: Record<string, unknown>) => {
  const { content, isError } = await client.callTool({ name, arguments: given });
  const [part] = content as { readonly type: string; readonly text: string }[];
  return { isError: isError === true, text: part.text };
};

describe('ohem mcp', () => {
  it('lists its tools, all of which only read', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'list_hard_examples',
      'explain_roi',
      'list_label_suspects',
      'compare_runs',
    ]);
    for (const { annotations } of tools) expect(annotations).toMatchObject({ readOnlyHint: true });
  });

  it('answers with what a growing run has, then with more, and explains one', async () => {
    const before = JSON.parse((await ask('list_hard_examples', { class: 'cat' })).text);
    expect(before).toMatchObject({ complete: false, num_images: 1, num_in_dataset: 3 });
    await writer.append(sampleImage('b.jpg', 14, 3));
    const { num_images, objects } = JSON.parse((await ask('list_hard_examples', { class: 'cat', top: 10 })).text);
    expect(num_images).toBe(2);
    const [{ image, object, hardest_roi }] = objects;
    const { roi } = JSON.parse((await ask('explain_roi', { image, object })).text);
    expect(roi).toEqual(hardest_roi);
  });

  it('compares two growing runs over what both have, and lists suspects of one', async () => {
    const other = await createRun(path.join(folder, 'later.ohem'), sampleManifest());
    await other.append(sampleImage('a.jpg', 9, 2));
    const answer = JSON.parse((await ask('compare_runs', { runs: ['it.ohem', 'later.ohem'] })).text);
    expect(answer.runs).toMatchObject([
      { complete: false, num_images: 2 },
      { complete: false, num_images: 1 },
    ]);
    expect(answer.notes).toEqual(['1 images are not in every run with the same labels and left out']);
    expect(answer.warnings).toHaveLength(2);
    const suspects = JSON.parse((await ask('list_label_suspects', { run: 'it.ohem', quantile: 0.2 })).text);
    expect(suspects).toMatchObject({ complete: false, num_images: 2, num_in_dataset: 3 });
    const { isError, text } = await ask('list_label_suspects', {});
    expect([isError, text]).toEqual([true, 'options: run: expected one of it.ohem, later.ohem, received none']);
    await other.close();
    await rm(other.path);
  });

  it('tells a model in one line what to ask instead', async () => {
    const { isError, text } = await ask('explain_roi', { image: 'nothing.jpg', row: 0 });
    expect(isError).toBe(true);
    expect(text).toMatch(/^options: image: expected an image's id, .* list_hard_examples tells ids and indices$/);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../../src/host/engine/cli-process.js';

const folder = mkdtempSync(join(tmpdir(), 'ohem-cli-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const cliPath = join(folder, 'cli.mjs');
writeFileSync(
  cliPath,
  `const [how, ...words] = process.argv.slice(2);
  const say = (text, then) => process.stdout.write(text, then);
  const note = (text) => process.stderr.write(text);
  if (how === 'hang') setInterval(() => {}, 1000);
  else if (how === 'fail') { note('note: first\\nrun-file: expected two runs\\n'); process.exitCode = 2; }
  else if (how === 'lines') { say('one\\ntw'); setTimeout(() => say('o\\n' + process.cwd()), 20); }
  else if (how === 'tidy') {
    process.on('SIGTERM', () => say('tidied\\n', () => process.exit(3)));
    say('ready\\n');
    setInterval(() => {}, 1000);
  }
  else if (how === 'silent') process.exitCode = 3;
  else { note('note: one image left out\\n'); say('é'.repeat(200_000) + words.join(',')); }`,
);

const runtime = { execPath: process.execPath, env: process.env, origin: 'test', isElectron: false };
const run = (args: string[], signal = new AbortController().signal) => runCli({ runtime, cliPath, args, signal });

describe('running the command line', () => {
  it('gives all that it printed, and its notes apart', async () => {
    const { text, notes } = await run(['print', '-a b', '--']);
    expect(text).toBe(`${'é'.repeat(200_000)}-a b,--`);
    expect(notes).toEqual(['note: one image left out']);
  });

  it('a failure has its own last line, or its exit code', async () => {
    await expect(run(['fail'])).rejects.toThrow(/^run-file: expected two runs$/);
    await expect(run(['silent'])).rejects.toThrow('ohem ended with exit code 3');
  });

  it('can be stopped', async () => {
    const stop = new AbortController();
    const running = run(['hang'], stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(running).rejects.toThrow('enough');
  });

  it('gives lines as they come, from the folder that is wanted', async () => {
    const lines: string[] = [];
    const { text } = await runCli({
      runtime,
      cliPath,
      args: ['lines'],
      signal: new AbortController().signal,
      cwd: folder,
      onLine: (line) => lines.push(line),
    });
    expect(text).toBe('');
    expect(lines.slice(0, 2)).toEqual(['one', 'two']);
    expect(lines[2]).toContain(basename(folder));
  });

  it.skipIf(process.platform === 'win32')('lets a process put its things in order when it is stopped', async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      if (line === 'ready') stop.abort(new Error('enough'));
    };
    await expect(runCli({ runtime, cliPath, args: ['tidy'], signal: stop.signal, onLine })).rejects.toThrow('enough');
    expect(lines).toEqual(['ready', 'tidied']);
  });

  it('a program that is not there', async () => {
    const absent = { ...runtime, execPath: join(folder, 'no-node') };
    await expect(runCli({ runtime: absent, cliPath, args: [], signal: new AbortController().signal })).rejects.toThrow(
      /ENOENT/,
    );
  });
});

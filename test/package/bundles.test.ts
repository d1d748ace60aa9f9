import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUNDLES } from '../../esbuild.mjs';

/** Files that went into a bundle, and the packages that it leaves to run time. */
async function contents(name: keyof typeof BUNDLES): Promise<{ inputs: string[]; imports: string[] }> {
  const { metafile } = await build({ ...BUNDLES[name], write: false, metafile: true, logLevel: 'silent' } as never);
  const meta = metafile as unknown as {
    inputs: Record<string, object>;
    outputs: Record<string, { imports: { path: string; external?: boolean }[] }>;
  };
  const imports = Object.values(meta.outputs).flatMap((output) =>
    output.imports.filter((i) => i.external).map((i) => i.path),
  );
  return { inputs: Object.keys(meta.inputs), imports: [...new Set(imports)] };
}

describe('what the bundles contain', () => {
  it('the host loads nothing native, no engine, no decoder', async () => {
    const { inputs, imports } = await contents('host');
    expect(inputs.filter((path) => /src\/(engine|checkpoint|train|worker|cli|sample|dataset)\//.test(path))).toEqual(
      [],
    );
    expect(inputs.filter((path) => /node_modules\/(sharp|onnxruntime|@tensorflow|webgpu)/.test(path))).toEqual([]);
    expect(imports.filter((path) => path !== 'vscode' && !/^(node:)?[a-z_/]+$/.test(path))).toEqual([]);
    expect(imports.filter((path) => /sharp|onnx|tensorflow/.test(path))).toEqual([]);
  });

  it('the host loads and activates on the stand-in for `vscode` that the benchmark times', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ohem-host-'));
    const outfile = join(folder, 'dist', 'host.js');
    await build({ ...BUNDLES.host, outfile, logLevel: 'silent' } as never);
    const printed = execFileSync(process.execPath, ['test/bench/load-host.mjs', outfile], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(Number(printed)).toBeGreaterThan(0);
  });

  it('the webview knows the core, arrow and the protocol, and no Node', async () => {
    const { inputs, imports } = await contents('webview');
    expect(inputs.filter((path) => path.startsWith('src/') && !/^src\/(core|arrow|protocol)\//.test(path))).toEqual([]);
    expect(imports.filter((path) => path.startsWith('node:'))).toEqual([]);
  });

  it('the Arrow library comes in through the arrow room only', async () => {
    const { inputs } = await contents('worker');
    expect(inputs.some((path) => /flechette/.test(path))).toBe(true);
  });
});

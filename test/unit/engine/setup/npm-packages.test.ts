import { describe, expect, it } from 'vitest';
import cudaLock from '../../../../src/engine/onnx/cuda-lock.json';
import type { NpmLock } from '../../../../src/engine/setup/npm-packages.js';
import bindingLock from '../../../../src/engine/tfjs/binding-lock.json';

describe.each<[string, NpmLock]>([
  ['ONNX Runtime with CUDA', cudaLock],
  ['TensorFlow’s binding', bindingLock],
])('the packages of %s', (_, { packages }) => {
  it('are all pinned by hash, whoever needs them, and come from no address of ours', () => {
    const { '': root, ...installed } = packages;
    for (const [name, version] of Object.entries(root?.dependencies ?? {})) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(installed[`node_modules/${name}`]?.version).toBe(version);
    }
    for (const entry of Object.values(installed)) expect(entry.integrity).toMatch(/^sha512-/);
    expect(JSON.stringify(packages)).not.toMatch(/https?:/);
  });
});

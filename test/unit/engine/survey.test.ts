import { describe, expect, it } from 'vitest';
import { inWords } from '../../../src/core/said.js';
import type { Machine } from '../../../src/engine/setup/machine.js';
import { SETUPS, survey } from '../../../src/engine/survey.js';
import { linkOffers } from '../../../src/engine/tfjs/link-setup.js';

const machine: Machine = { platform: 'linux-x64', node: 'v22', gpu: '', cuda: '', npm: '10', compiler: '12' };
const found = [
  { folder: '/tf', version: '2.19.0', cuda: '12.5', why: '' },
  { folder: '/half', version: '2.1.0', cuda: null, why: 'no headers' },
];

/** Why each set-up cannot be had on a machine, `--tensorflow` left out. */
const whysOn = async (where: Machine) => {
  const downloads = SETUPS.filter(({ id }) => id !== 'tensorflow');
  const offers = await Promise.all(
    downloads.map((each) => each.offers({ machine: where, workFolder: '', named: null })),
  );
  return Object.fromEntries(offers.flat().map(({ id, why }) => [id, inWords(why)]));
};

describe('what can be set up', () => {
  it('follows from the backends, best first; then Node.js, then nothing', async () => {
    const { choices } = await survey('/nowhere', { tensorflow: '/nowhere/tf' });
    expect(choices.map(({ id, args, isHere }) => [id, args.join(' '), isHere])).toEqual([
      ['onnx-cuda', '--onnx-cuda', false],
      ['webgpu', '--webgpu', false],
      ['tensorflow', '--tensorflow /nowhere/tf', true],
      ['official', '--official --allow-unpinned', false],
      ['node', '--node', false],
      ['none', '', false],
    ]);
    expect(inWords(choices[2].why)).toBe('no TensorFlow 2 with its libraries and headers in /nowhere/tf');
    for (const { args, downloadMb, diskMb } of choices)
      expect([downloadMb > 0, diskMb > 0]).toEqual([args.length > 0, args.length > 0]);
    expect(JSON.parse(JSON.stringify(choices[0]))).not.toHaveProperty('carryOut');
  });

  it('has an option and a folder for each, and no id twice', () => {
    expect(new Set(SETUPS.map(({ id }) => id)).size).toBe(SETUPS.length);
    for (const { id, option } of SETUPS) expect(option.split(' ')[0]).toBe(`--${id}`);
  });

  it('says what is missing, and what other platforms cannot', async () => {
    const tools = 'needs npm and a C++ compiler (Debian, Ubuntu: apt install g++)';
    const bare = { ...machine, npm: '', compiler: '' };
    expect(linkOffers(found, bare, false).map(({ why }) => inWords(why))).toEqual([tools, 'no headers']);
    expect(await whysOn(bare)).toEqual({ 'onnx-cuda': 'needs npm', webgpu: '', official: tools, node: '' });
    const noCompiler = { ...machine, compiler: '' };
    expect(linkOffers(found, noCompiler, true)[0].why).toBe('');
    expect((await whysOn(noCompiler))['official']).toBe('needs a C++ compiler (Debian, Ubuntu: apt install g++)');
    const mac = { ...machine, platform: 'darwin-arm64' };
    expect(inWords(linkOffers(found, mac, false)[0].why)).toContain('not on darwin-arm64');
    expect(await whysOn(mac)).toEqual({
      'onnx-cuda': expect.stringContaining('linux-x64 only'),
      webgpu: '',
      official: expect.stringContaining('darwin-arm64'),
      node: '',
    });
  });
});

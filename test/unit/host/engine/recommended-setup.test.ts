/** The one set-up that is recommended on a machine. */
import { describe, expect, it, vi } from 'vitest';
import { inWords } from '../../../../src/core/said.js';
import type { SetupChoiceFacts, SetupSurveyLine } from '../../../../src/protocol/setup-messages.js';
import { SETUPS } from '../../../../src/engine/survey.js';

vi.mock('vscode', () => ({ l10n: { t: (text: string) => text } }));
const { recommendSetup } = await import('../../../../src/host/engine/recommended-setup.js');

/** A sentence that a line of VS Code's list shows whole. */
const FITS = 90;
const FACTS = { title: '', detail: '', more: '', downloadMb: 1, diskMb: 1, isHere: false };

function survey(
  machine: Partial<SetupSurveyLine['machine']>,
  ids: readonly string[],
  changes: Partial<SetupSurveyLine> = {},
): SetupSurveyLine {
  const choices = ids.map((id): SetupChoiceFacts => ({ ...FACTS, id, args: [`--${id}`], why: '' }));
  const none = { platform: 'linux-x64', node: 'v22', gpu: '', cuda: '', npm: '10', compiler: '' };
  return { event: 'survey', machine: { ...none, ...machine }, linked: null, dataFolder: '/data', choices, ...changes };
}
const ALL = ['onnx-cuda', 'webgpu', 'tensorflow', 'official', 'node', 'none'];
const gpu = 'NVIDIA H100 PCIe, 550.54';

describe('recommendSetup', () => {
  it.each([
    ['CUDA 13 beside an NVIDIA GPU', survey({ gpu, cuda: '13.0.1' }, ALL), 'onnx-cuda'],
    ['an NVIDIA GPU with another CUDA', survey({ gpu, cuda: '12.4.1' }, ALL), 'webgpu'],
    ['a system that brings a GPU’s interface', survey({ platform: 'darwin-arm64' }, ALL), 'webgpu'],
    ['a TensorFlow and no GPU', survey({}, ALL), 'tensorflow'],
    [
      'a TensorFlow that is linked already',
      survey({}, ALL, { linked: { folder: '', version: '', cuda: null } }),
      'none',
    ],
    ['nothing', survey({}, ['official', 'node', 'none']), 'none'],
  ])('of %s', (_, given, id) => {
    const best = recommendSetup(given);
    expect(best?.choice.id).toBe(id);
    expect(best?.reason.length).toBeGreaterThan(20);
    expect(best?.reason.length).toBeLessThanOrEqual(FITS);
  });

  it('takes nothing that cannot be had here', () => {
    const given = survey({ gpu, cuda: '13.0' }, ALL);
    const choices = given.choices.map((each) => (each.id === 'onnx-cuda' ? { ...each, why: 'needs npm' } : each));
    expect(recommendSetup({ ...given, choices })?.choice.id).toBe('webgpu');
  });
});

it('each set-up says what it is for in a line', async () => {
  const { machine } = survey({ npm: '', compiler: '' }, []);
  const offers = await Promise.all(SETUPS.map((setup) => setup.offers({ machine, workFolder: '/', named: null })));
  expect(offers.flat().length).toBeGreaterThan(3);
  for (const { detail, why } of offers.flat())
    for (const text of [detail, why].map((part) => inWords(part))) expect(text.length, text).toBeLessThanOrEqual(FITS);
});

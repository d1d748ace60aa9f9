import { expect, it, vi } from 'vitest';
import type { InspectionState, WizardState } from '../../../../src/protocol/inspect-messages.js';
import { ask, createWizardModel, imageInSight } from '../../../../webview/wizard/wizard-model.js';

const inspection = {
  images: [{}, {}],
  readings: [{ name: 'as it is' }, { name: 'channels bgr' }],
  chosen: 1,
  evidence: { text: 'sure: boxes meet {0} objects', values: [31] },
} as unknown as InspectionState;

it('asks one thing at a time, and says what failed', async () => {
  const model = createWizardModel(0);
  let fail: (error: Error) => void = () => undefined;
  const call = vi.fn(() => new Promise<never>((_, reject) => (fail = reject)));
  const asked = ask(model, { call }, 'take', { reading: 1 });
  await ask(model, { call }, 'take', { reading: 0 });
  expect(call).toHaveBeenCalledOnce();
  expect([model.busy.value, model.spoken.value]).toEqual([true, 'Measuring']);
  fail(new Error('checkpoint: contradicted'));
  await asked;
  expect([model.busy.value, model.notice.value]).toEqual([false, 'checkpoint: contradicted']);
});

it('speaks of the chosen reading', () => {
  const model = createWizardModel(0);
  expect(model.spoken.value).toBe('');
  model.wizard.value = { inspection } as WizardState;
  expect(model.spoken.value).toBe('Reading: channels bgr. sure: boxes meet 31 objects');
});

it('stays within the images', () => {
  expect([-1, 1, 7].map((index) => imageInSight(inspection, index))).toEqual([0, 1, 1]);
});

import { expect, it } from 'vitest';
import { FAST_RCNN_MEASURE } from '../../../../src/core/measure/measure-config.js';
import type { PanelHost } from '../../../../src/protocol/panel-messages.js';
import { createActions } from '../../../../webview/state/actions.js';
import { createModel } from '../../../../webview/state/create-model.js';
import { receiver } from '../../../../webview/state/receive.js';
import { syntheticRun } from '../../../webview/synthetic-run.js';
import { fakeHost } from '../fake-host.js';

const { manifest, schema } = syntheticRun(1, 10);
const settings = { dim: 0.3, colourMap: 'inferno', backgroundBelow: 0 };
const scoreForm = { activation: 'softmax', given: 'logits' } as const;

function openPanel(measure: object | null) {
  const model = createModel();
  const { host, said } = fakeHost<PanelHost>();
  receiver(model, null).run({ manifest: { ...manifest, task: 'detection', measure } as never, schema, settings });
  return { model, said, actions: createActions(model, host) };
}

it('begins with the measure of the run, and asks for what was chosen', () => {
  const { model, actions, said } = openPanel({ ...FAST_RCNN_MEASURE, scoreForm });
  actions.openMeasure();
  expect(model.measured.value).toEqual(FAST_RCNN_MEASURE);
  const measure = { ...FAST_RCNN_MEASURE, fgThreshold: 0.6 };
  actions.setMeasure(measure);
  actions.measureAgain();
  expect(said).toContainEqual({ kind: 'measureAgain', measure });
  // It survives a reload.
  expect(createModel(model.choices.save()).measured.value).toEqual(measure);
  actions.closeMeasure();
  expect(model.measured.value).toBeNull();
});

it('losses that training had cannot be measured again', () => {
  const { model, actions, said } = openPanel(null);
  actions.openMeasure();
  actions.measureAgain();
  expect([model.measured.value, said.length]).toEqual([null, 0]);
});

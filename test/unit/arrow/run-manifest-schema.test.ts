import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../../src/arrow/run-manifest-schema.js';
import { FAST_RCNN_MEASURE } from '../../../src/core/measure/measure-config.js';
import { sampleManifest } from './run-sample.js';

const scoreForm = { activation: 'softmax', given: 'logits' } as const;

function parsed(changes: object) {
  return parseManifest(JSON.stringify({ ...sampleManifest(), ...changes }));
}

describe('parseManifest', () => {
  it('reads a classification of 0.1.0, whose manifest kept a detector’s configuration', () => {
    const measure = {
      assigner: 'max-iou',
      clsLoss: 'cross-entropy',
      locLoss: 'smooth-l1',
      fgThreshold: 0.5,
      bgThreshold: 0.5,
      lowQualityMatches: false,
      ignoreThreshold: 0.5,
      sigma: 1,
      roiBox: 'region',
      scoreForm,
    };
    const { task, measure: read } = parsed({ task: 'classification', measure });
    expect([task, read]).toEqual(['classification', { clsLoss: 'cross-entropy', scoreForm }]);
  });

  it('gives what it was given', () => {
    const classification = { task: 'classification', measure: { clsLoss: 'cross-entropy', scoreForm } };
    expect(parsed(classification)).toEqual({ ...sampleManifest(), ...classification });
    expect(parsed({})).toEqual(sampleManifest());
    const told = { boxOrigin: 0, columns: { label: 'kind' }, classMap: { dust: null, RBC: 'cell' } };
    const dataset = { ...sampleManifest().dataset, ...told };
    expect(parsed({ dataset }).dataset).toEqual(dataset);
    expect(parsed({ measure: null }).measure).toBeNull();
    expect(parsed({ task: 'classification', measure: null }).measure).toBeNull();
  });

  it('gives an option that is younger than the file its default, and drops one that is no more', () => {
    const { measure } = parsed({ measure: { assigner: 'atss', clsLoss: 'bce', gone: 1, scoreForm } });
    expect(measure).toEqual({ ...FAST_RCNN_MEASURE, assigner: 'atss', clsLoss: 'bce', scoreForm });
  });

  it.each([
    [{ assigner: 'none', scoreForm }, 'run-file: manifest.measure.assigner: expected one of max-iou, simota, atss'],
    [{ sigma: 'x', scoreForm }, 'run-file: manifest.measure.sigma: expected a number in [0.001, 1000]'],
    [{ lowQualityMatches: 1, scoreForm }, 'manifest.measure.low-quality-matches: expected true or false, received 1'],
    [{}, 'run-file: manifest.measure.scoreForm'],
  ])('refuses %j', (measure, message) => {
    expect(() => parsed({ measure })).toThrow(message);
  });
});

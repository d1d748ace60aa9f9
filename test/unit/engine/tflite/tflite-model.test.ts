import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MiningError } from '../../../../src/core/mining-error.js';
import { readTflite } from '../../../../src/engine/tflite/tflite-model.js';
import { OPERATORS, tfliteBytes, TYPES } from '../../../../src/engine/tflite/write-tflite.js';
import { TINY_TFLITE } from '../../../contract/tiny-models.js';

const read = (bytes: Uint8Array) => readTflite(bytes, 'm.tflite');

/** What came out, which is a model or one clear line. */
function outcomeOf(bytes: Uint8Array): string {
  try {
    read(bytes);
    return 'a model';
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    expect(error.code).toBe('checkpoint');
    return error.message;
  }
}

describe('what a .tflite says', () => {
  it('is every operator with what it reads and makes, inputs and outputs', () => {
    const { inputs, outputs, nodes } = read(TINY_TFLITE);
    expect(nodes.map(({ op, inputs: from, outputs: made }) => [op, from, made])).toEqual([
      ['Mul', ['x', 'scale'], ['product']],
      ['Add', ['product', 'one'], ['sum']],
      ['operator 19', ['sum'], ['relu']],
    ]);
    expect([inputs, outputs].map((tensors) => tensors.map(({ name }) => name))).toEqual([['x'], ['sum', 'relu']]);
    expect(inputs[0]).toMatchObject({ type: TYPES.FLOAT32, shape: [1, 3], openAxes: [], quantization: null });
  });

  it('is names of the signature, apart where tensors share one', () => {
    const tensors = ['x', 'same', 'same', ''].map((name) => ({ name, shape: [1] }));
    const { tensors: named } = read(
      tfliteBytes({ tensors, operators: [], inputs: ['x'], outputs: ['same'], signature: { boxes: 'same' } }),
    );
    expect(named.map(({ name }) => name)).toEqual(['x', 'boxes', 'same', '#3']);
  });

  it('is the output’s name where a signature has an input of the same', () => {
    const tensors = ['x', 'y'].map((name) => ({ name, shape: [1] }));
    const operators = [{ code: OPERATORS.RELU, inputs: ['x'], outputs: ['y'] }];
    const { tensors: named } = read(
      tfliteBytes({ tensors, operators, inputs: ['x'], outputs: ['y'], signature: { x: 'y' } }),
    );
    expect(named.map(({ name }) => name)).toEqual(['x#0', 'x']);
  });

  it('is how values are quantised, axes that were left open, names of custom operators', () => {
    const bytes = tfliteBytes({
      tensors: [
        {
          name: 'x',
          type: TYPES.INT8,
          shape: [1, 8, 8, 3],
          shapeSignature: [-1, 8, -1, 3],
          quantization: { scale: 0.5, zeroPoint: -128 },
        },
        { name: 'y', shape: [1] },
      ],
      operators: [{ code: OPERATORS.CUSTOM, custom: 'FlexErf', inputs: ['x'], outputs: ['y'] }],
      inputs: ['x'],
      outputs: ['y'],
    });
    expect(read(bytes)).toMatchObject({
      inputs: [{ openAxes: [0, 2], quantization: { scale: 0.5, zeroPoint: -128 } }],
      nodes: [{ op: 'FlexErf' }],
    });
  });
});

describe('bytes that are no model', () => {
  it('end as one line: empty, other bytes, a bare identifier', () => {
    expect(outcomeOf(new Uint8Array())).toBe(
      'checkpoint: file: expected a TensorFlow Lite model, received an empty file (m.tflite)',
    );
    expect(outcomeOf(Buffer.from('PK\x03\x04 and more'))).toContain('received other bytes');
    expect(outcomeOf(Buffer.from('\0\0\0\0TFL3'))).toContain('received a file that is truncated or damaged');
  });

  it('end as one line wherever they are cut', () => {
    for (let length = 0; length < TINY_TFLITE.length; length += 7)
      expect(outcomeOf(TINY_TFLITE.subarray(0, length))).toMatch(
        /a model|received (an empty file|other bytes|a file that)/,
      );
  });

  it('never hang and throw nothing else, whatever byte is changed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(TINY_TFLITE.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (changes) => {
          const bytes = Uint8Array.from(TINY_TFLITE);
          for (const [at, value] of changes) if (at < 4 || at > 7) bytes[at] = value;
          outcomeOf(bytes);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('cost no more than their size where huge counts and shared tables multiply', () => {
    // Every one of a million offsets leads to one table, whose shape is a million values.
    const count = 1 << 20;
    const bytes = Buffer.from(
      tfliteBytes({
        tensors: [{ name: 'x', shape: Array.from({ length: count }, () => 1) }],
        operators: [],
        inputs: ['x'],
        outputs: ['x'],
      }),
    );
    const started = performance.now();
    expect(outcomeOf(bytes)).toContain('truncated or damaged');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

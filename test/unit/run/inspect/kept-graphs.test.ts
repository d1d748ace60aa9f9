import { expect, it } from 'vitest';
import { KeptGraphs } from '../../../../src/run/inspect/kept-graphs.js';
import { fakeGraph, tensor } from '../../checkpoint/fake-graph.js';

it('tells the outputs of the file itself, also where a head inside was run before', async () => {
  const graphs = new KeptGraphs(async (_path, _format, inner = []) => ({
    ...fakeGraph(() => ({ [inner[0] ?? 'boxes']: tensor([1, 2], () => 0) })),
    outputs: [{ name: inner[0] ?? 'boxes', type: 'float32', shape: [-1, 2] }],
  }));
  const whole = await graphs.load('m.onnx', 'onnx');
  const inside = await graphs.load('m.onnx', 'onnx', ['logits']);
  await inside.run({});
  expect([graphs.outputs, graphs.describeOutputs()]).toEqual([{}, ['boxes float32 [-1,2]']]);
  await whole.run({});
  expect(Object.keys(graphs.outputs)).toEqual(['boxes']);
  expect(graphs.describeOutputs()).toEqual(['boxes float32 [1,2]']);
});

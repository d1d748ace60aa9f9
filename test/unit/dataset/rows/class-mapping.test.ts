import { describe, expect, it } from 'vitest';
import { IGNORE } from '../../../../src/core/tables.js';
import { MiningError } from '../../../../src/core/mining-error.js';
import { mapClasses as map } from '../../../../src/dataset/rows/class-mapping.js';

const mapClasses = (
  dataset: readonly string[],
  classes: readonly string[] | null,
  numClasses: number,
  given?: Record<string, string | null>,
) => map(dataset, { family: 'yolox', classes, numClasses }, given);

describe('mapClasses', () => {
  it('maps by name, whatever the order', () => {
    const { map, classes, notes } = mapClasses(['dog', 'cat'], ['cat', 'dog', 'owl'], 3);
    expect([...map]).toEqual([1, 0]);
    expect(classes).toEqual(['cat', 'dog', 'owl']);
    expect(notes).toEqual([]);
  });

  it('is blind to case, spaces, underscores and hyphens', () => {
    expect([...mapClasses(['Traffic_Light', 'T-Shirt'], ['t shirt', 'traffic light'], 2).map]).toEqual([1, 0]);
  });

  it('takes the same name before a similar one', () => {
    expect([...mapClasses(['a', 'A', '-', '_'], ['A', 'a', '_', '-'], 4).map]).toEqual([1, 0, 3, 2]);
  });

  it('knows what VOC calls the classes of COCO, both ways', () => {
    const voc = ['aeroplane', 'diningtable', 'motorbike', 'pottedplant', 'sofa', 'tvmonitor'];
    const coco = ['airplane', 'dining table', 'motorcycle', 'potted plant', 'couch', 'tv'];
    expect([...mapClasses(voc, coco, 6).map]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...mapClasses(coco, voc, 6).map]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('ignores categories that the checkpoint lacks, and says so', () => {
    const { map, notes } = mapClasses(['cat', 'zebra "x"'], ['cat'], 1);
    expect([...map]).toEqual([0, IGNORE]);
    expect(notes).toEqual(['categories without a class, their objects are ignore regions: "zebra \\"x\\""']);
  });

  it('refuses lists with nothing in common, showing both', () => {
    expect(() => mapClasses(['RBC', 'WBC'], ['person', 'car'], 2)).toThrow(
      'dataset: classes: expected names of the checkpoint ("person", "car"), received none of them, but "RBC", "WBC"',
    );
  });

  it('takes the order where the checkpoint names none, if the counts agree', () => {
    const { map, classes, notes } = mapClasses(['a', 'b'], null, 2);
    expect([...map]).toEqual([0, 1]);
    expect(classes).toEqual(['a', 'b']);
    expect(notes[0]).toMatch(/taken in order/);
    expect(() => mapClasses(['a', 'b'], null, 80)).toThrow(
      'expected 80 classes as the checkpoint has, which names none, received 2: "a", "b"',
    );
  });

  it('takes what a person said first, and tolerates names of other data sets', () => {
    const given = { RBC: 'red', dust: null, elsewhere: 'x' };
    const { map, notes } = mapClasses(['RBC', 'dust', 'white'], ['white', 'red', 'dust'], 3, given);
    expect([...map]).toEqual([1, IGNORE, 0]);
    expect(notes[0]).toBe('classes by the given map: "RBC → red", "dust → none"');
    expect(() => mapClasses(['a'], ['b'], 1, { a: 'c' })).toThrow(
      'options: classes "a": expected a class of the checkpoint ("b") or null, received "c"',
    );
  });

  it('gives indices the names of the data set', () => {
    const { map, classes } = mapClasses(['cat', 'dog'], null, 3, { cat: '2', dog: '0' });
    expect([[...map], classes]).toEqual([
      [2, 0],
      ['dog', '1', 'cat'],
    ]);
  });

  it('says which lists differ', () => {
    const caught = () => {
      try {
        return mapClasses(['a'], null, 2);
      } catch (error) {
        return error instanceof MiningError ? error.hint : error;
      }
    };
    expect(caught()).toMatchObject({
      classes: { dataset: ['a'], checkpoint: ['0', '1'], family: 'yolox' },
    });
  });

  it('shortens long lists', () => {
    const many = Array.from({ length: 100 }, (_, i) => `class ${i}`);
    expect(mapClasses([...many, 'cat'], ['cat'], 1).notes[0]).toMatch(/"class 19", … \(100\)$/);
  });
});

import { describe, expect, it } from 'vitest';
import { IGNORE } from '../../../../src/core/tables.js';
import { mapClasses } from '../../../../src/dataset/rows/class-mapping.js';

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

  it('shortens long lists', () => {
    const many = Array.from({ length: 100 }, (_, i) => `class ${i}`);
    expect(mapClasses([...many, 'cat'], ['cat'], 1).notes[0]).toMatch(/"class 19", … \(100\)$/);
  });
});

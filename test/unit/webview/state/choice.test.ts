import { effect } from '@preact/signals';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { choice, Choices } from '../../../../webview/state/choice.js';

const size = choice({ name: 'size', initial: 'small', schema: v.picklist(['small', 'large']) });
const marks = choice({ name: 'marks', initial: [], schema: v.array(v.string()) });

describe('a choice', () => {
  it('is its first value, then what the person chose, and the same again after a reload', () => {
    const choices = new Choices();
    expect(choices.of(size).value).toBe('small');
    choices.of(size).value = 'large';
    expect(choices.of(size).value).toBe('large');
    const again = new Choices(JSON.parse(JSON.stringify(choices.save())));
    expect(again.of(size).value).toBe('large');
  });

  it('that another version saved in another shape is its first value again', () => {
    for (const saved of [{ size: 'huge' }, { size: null }, { size: { length: 1 } }, { marks: 'large' }, {}])
      expect(new Choices(saved).of(size).value).toBe('small');
  });

  it('is kept while nobody asks for it', () => {
    const choices = new Choices({ marks: ['a'], later: 7 });
    choices.of(size).value = 'large';
    expect(choices.save()).toEqual({ marks: ['a'], later: 7, size: 'large' });
    expect(choices.of(marks).value).toEqual(['a']);
  });

  it('is of the workspace where it says so', () => {
    const wide = choice({ name: 'wide', initial: 1, schema: v.number(), ofWorkspace: true });
    const choices = new Choices({ wide: 2, size: 'large' });
    expect(choices.saveOfWorkspace()).toEqual({});
    choices.of(wide);
    choices.of(size);
    expect(choices.saveOfWorkspace()).toEqual({ wide: 2 });
    choices.of(wide).value = 3;
    expect(choices.saveOfWorkspace()).toEqual({ wide: 3 });
    expect(choices.saveOfWorkspace({ wide: 2, later: 7 })).toEqual({ wide: 3, later: 7 });
  });

  it('tells who reads it, and nobody else; who saves hears of every one, also of one that came later', () => {
    const choices = new Choices();
    const told = { size: 0, saved: 0 };
    const chosen = choices.of(size);
    effect(() => void (chosen.value && told.size++));
    effect(() => void (choices.save() && told.saved++));
    choices.of(marks).value = ['a'];
    expect(told).toEqual({ size: 1, saved: 2 });
    chosen.value = 'large';
    expect(told).toEqual({ size: 2, saved: 3 });
  });
});

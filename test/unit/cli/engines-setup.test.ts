import { expect, it } from 'vitest';
import { refuseUnpinned } from '../../../src/cli/engines-setup-command.js';
import { survey } from '../../../src/engine/survey.js';

it('a download without a known hash needs a word of its own; the others do not', async () => {
  const { choices } = await survey('/nowhere', {});
  const refused = choices.filter((offer) => {
    try {
      refuseUnpinned(offer, false);
      return false;
    } catch (error) {
      expect(error).toMatchObject({
        message: expect.stringContaining('expected a download with a known hash, received one without'),
        hint: { todo: expect.stringContaining('--allow-unpinned') },
      });
      return true;
    }
  });
  expect(refused.map(({ id }) => id)).toEqual(['official']);
  for (const offer of choices) refuseUnpinned(offer, true);
});

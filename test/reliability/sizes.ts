/** How much is tried: a share in `npm test`, all of it by `npm run reliability`. Both are seeded. */
export const isFull = process.env['OHEM_RELIABILITY'] === 'full';

interface Sizes {
  /** Of each kind of run: single changed bits, cuts, zeroed pages of 4 KiB. */
  readonly flips: number;
  readonly cuts: number;
  readonly pages: number;
  /** One in so many of these is given to the built command line, too. */
  readonly cliEvery: number;
  /** Kills of each command at a call that changes a file; Infinity: before and in the middle of each of them. */
  readonly killsAtCalls: number;
  /** Kills at random moments, over all commands that replace something. */
  readonly randomKills: number;
}

const FULL: Sizes = { flips: 2000, cuts: 500, pages: 100, cliEvery: 50, killsAtCalls: Infinity, randomKills: 50 };
const SHARE: Sizes = { flips: 40, cuts: 10, pages: 10, cliEvery: 20, killsAtCalls: 2, randomKills: 3 };

export const SIZES = isFull ? FULL : SHARE;
export const SEED = 1;

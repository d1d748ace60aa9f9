import { describe, expect, it } from 'vitest';
import { AdviceTally } from '../../../../src/core/advice/advice-facts.js';
import { adviceOf, findingText, verdictText } from '../../../../src/core/advice/advise.js';
import { ADVICE_RULES } from '../../../../src/core/advice/rules.js';
import type { MiningConfig } from '../../../../src/core/mining/mining-options.js';
import { PRESET_IDS } from '../../../../src/core/mining/samplers/index.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { IGNORE } from '../../../../src/core/tables.js';
import { makeRois, NUM_CLASSES, type RoiRow } from '../make-rois.js';

const foreground = (cls: number): RoiRow => ({ label: 1, cls, loc: 1, iou: 0.6, score: 0.4 });
const background = (cls: number, row: Partial<RoiRow> = {}): RoiRow => ({ cls, iou: 0.3, score: 0.1, ...row });
const many = (count: number, row: RoiRow): RoiRow[] => Array.from({ length: count }, () => row);

function factsOf(rows: readonly RoiRow[], mining: MiningConfig, numImages = 1) {
  const tally = new AdviceTally(mining, NUM_CLASSES);
  tally.add(makeRois(rows), numImages);
  return tally.facts();
}

const paper = (batchSize: number) => resolveConfig('paper', { batchSize, imagesPerBatch: 1 });

describe('AdviceTally', () => {
  it('counts a minibatch, what is chosen of it, and what every other preset would choose', () => {
    const rows = [foreground(3), foreground(2), background(2), background(1), { label: IGNORE, cls: 9 }];
    const facts = factsOf([...rows, background(Number.NaN)], paper(2));
    expect(facts).toMatchObject({ numImages: 1, numRois: 4, numForeground: 2, byClass: [0, 2, 0] });
    expect(facts.own).toEqual({ preset: 'paper', numSelected: 2, foregroundShare: 1, lossCovered: 0.7 });
    expect(facts.others.map(({ preset }) => preset)).toEqual(PRESET_IDS.filter((id) => id !== 'paper'));
    const ssd = facts.others.find(({ preset }) => preset === 'ssd');
    expect(ssd).toMatchObject({ numSelected: 4, foregroundShare: 0.5, lossCovered: 1 });
    expect(facts.others.find(({ preset }) => preset === 'mmdet')).toMatchObject({ numSelected: 2 });
  });

  it('tells means of a minibatch of N images, however many are in a part', () => {
    const mining = resolveConfig('paper', { batchSize: 2, imagesPerBatch: 2 });
    const tally = new AdviceTally(mining, NUM_CLASSES);
    tally.add(makeRois([foreground(3), { ...background(1), image: 1 }]), 2);
    tally.add(makeRois([background(1)]), 1);
    expect(tally.facts()).toMatchObject({ numImages: 3, numRois: 2, numForeground: 2 / 3, own: { numSelected: 2 } });
  });

  it('tells how much of an image’s loss lies on its hardest RoIs', () => {
    const rows = [...many(90, background(1)), ...many(10, background(91))];
    const { lossShares } = factsOf(rows, paper(1));
    expect(lossShares.map((share) => Number(share.toFixed(3)))).toEqual([0.091, 0.273, 0.91]);
  });

  it('tells the chosen background that touches nothing, and what of it is surely an object', () => {
    const rows = [background(4, { iou: 0.05, score: 0.9 }), background(3, { iou: 0.05 }), background(2)];
    expect(factsOf(rows, paper(3)).background).toEqual({ numSelected: 3, aloneShare: 2 / 3, sureAloneShare: 1 / 3 });
    const unscored = factsOf([{ cls: 1 }], paper(1));
    expect(unscored.background.sureAloneShare).toBeNull();
  });

  it('says nothing of overlaps that a dump did not tell', () => {
    const rows = [...many(5, { ...foreground(1), iou: 0 }), ...many(25, { cls: 4, iou: 0, score: 0.9 })];
    const facts = factsOf(rows, paper(30));
    expect(facts.background).toEqual({ numSelected: 25, aloneShare: null, sureAloneShare: null });
    expect(adviceOf(facts).findings).toEqual([]);
  });

  it('has zeros where nothing was added', () => {
    const facts = new AdviceTally(paper(2), NUM_CLASSES).facts();
    expect(facts).toMatchObject({ numRois: 0, own: { numSelected: 0, foregroundShare: 0, lossCovered: 0 } });
    expect(adviceOf(facts).verdict).toBe('suits');
  });
});

describe('adviceOf', () => {
  it('speaks against mining that fills itself with foreground, and names what to do instead', () => {
    const facts = factsOf([...many(20, foreground(2)), ...many(80, background(1))], paper(16));
    const advice = adviceOf(facts);
    expect(advice.verdict).toBe('against');
    expect(verdictText(advice, facts)).toBe(
      'mining would train on 100 % foreground (20 foreground RoIs a minibatch, 16 selected): ' +
        'prefer mmdet / ssd, or raise B to 32',
    );
  });

  it('names no larger B where that would be more than half of the RoIs', () => {
    const facts = factsOf([...many(40, foreground(2)), ...many(20, background(1))], paper(16));
    expect(verdictText(adviceOf(facts), facts)).toMatch(/: prefer mmdet$/);
  });

  it('lets much foreground pass where so much of all background is selected that none is forgotten', () => {
    const rois = [...many(40, foreground(2)), ...many(60, background(1))];
    const [few, enough] = [factsOf(rois, paper(48)), factsOf(rois, paper(50))];
    expect([few, enough].map(({ own }) => own.foregroundShare)).toEqual([40 / 48, 40 / 50]);
    expect([few, enough].map((facts) => adviceOf(facts).verdict)).toEqual(['against', 'suits']);
  });

  it('names no preset that would train on as much foreground', () => {
    const facts = factsOf([...many(40, foreground(2)), ...many(20, background(1))], paper(16));
    expect(verdictText(adviceOf(facts), facts)).not.toMatch(/prefer.*ssd/);
    const all = factsOf(many(40, foreground(2)), paper(16));
    expect(verdictText(adviceOf(all), all)).toMatch(/: give proposals of which fewer overlap an object$/);
  });

  it('speaks for mining with more RoIs than there is foreground', () => {
    const facts = factsOf([...many(20, foreground(2)), ...many(80, background(1))], paper(50));
    expect(adviceOf(facts)).toEqual({ verdict: 'suits', findings: [] });
    expect(verdictText(adviceOf(facts), facts)).toBe(
      'nothing speaks against mining with paper: it would train on 40 % foreground',
    );
  });

  it('sends to the labels where the hard background is surely objects', () => {
    const facts = factsOf(many(30, background(3, { iou: 0, score: 0.9 })), paper(25));
    const advice = adviceOf(facts);
    expect(advice.verdict).toBe('caution');
    expect(verdictText(advice, facts)).toMatch(
      /^100 % of the background .*: look for missing labels first \(ohem suspects\)$/,
    );
  });

  it('says what ranking by class alone and proposals that begin anew do', () => {
    const facts = factsOf([background(1)], resolveConfig('paper', { rankBy: 'class' }));
    const ids = adviceOf(facts, { proposalsBeginAnew: true }).findings.map(({ id }) => id);
    expect(ids).toEqual(['ranked-by-class', 'new-proposals']);
    expect(adviceOf(facts, { proposalsBeginAnew: false }).verdict).toBe('suits');
  });

  it('leaves presets alone that do not look at losses', () => {
    const facts = factsOf([...many(20, foreground(2)), ...many(20, background(1))], resolveConfig('random'));
    expect(adviceOf(facts, { proposalsBeginAnew: true })).toEqual({ verdict: 'blind', findings: [] });
    expect(verdictText(adviceOf(facts), facts)).toMatch(/^random does not look at losses; of OHEM \(paper\) \d+ %/);
  });

  it('says a finding in another language', () => {
    const facts = factsOf(many(20, foreground(2)), paper(16));
    const [first] = adviceOf(facts).findings;
    const translate = (text: string) => (text === '{0}: {1}' ? '{0}：{1}' : text.replace(/[^{}\d]+/g, '…'));
    expect(first && findingText(first, translate)).toMatch(/^…\d+…\d+…\d+…：…/);
  });

  it('has evidence for every rule', () => {
    for (const { evidence } of ADVICE_RULES) expect(evidence).toMatch(/docs\/training-comparison\.md|github\.com/);
  });
});

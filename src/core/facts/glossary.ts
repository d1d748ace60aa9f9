/**
 * The words of the panel and of the docs, each in a sentence or two: tooltips say them, docs/glossary.md lists them
 * (with the Chinese of `l10n/bundle.l10n.zh-cn.json`), and an anchor there is the term in small letters with hyphens.
 */

/** What a term means, and the page of the docs that says more. */
export interface Meaning {
  readonly says: string;
  readonly more: string;
}

const SEMANTICS = 'semantics.md';
const MEASURES = 'measures.md';
const TRAINING = 'training.md';

/** By term, from the picture's boxes to the training. */
export const GLOSSARY = {
  RoI: {
    says:
      'Region of interest: one place of the image that the detector judges, and one example of its training. A ' +
      'proposal, an anchor, a point or a query, by the family.',
    more: SEMANTICS,
  },
  proposal: {
    says: 'A box that a first stage suggests and a second stage judges (Faster R-CNN).',
    more: SEMANTICS,
  },
  anchor: {
    says:
      'A box of fixed size at a fixed place of the grid, from which the detector measures its own box (RetinaNet, ' +
      'SSD, YOLOv5).',
    more: SEMANTICS,
  },
  point: {
    says:
      'A place of the grid without a box of its own: the detector measures from it to the four sides (YOLOX, ' +
      'YOLOv8, FCOS).',
    more: SEMANTICS,
  },
  'ground truth': {
    says: 'A box with a class that a person has annotated: what the detector is asked to find.',
    more: 'annotations.md',
  },
  'regressed box': {
    says: 'Where the detector says that the object is, after its box regression.',
    more: SEMANTICS,
  },
  IoU: {
    says:
      'Intersection over union: the area that two boxes share, divided by the area that both cover. 0 is apart, 1 ' +
      'is the same box.',
    more: SEMANTICS,
  },
  label: {
    says: 'What the RoI was asked to be: the class of the ground truth that the assigner gave it, or background.',
    more: SEMANTICS,
  },
  background: {
    says: 'No object. A RoI whose label it is must say so; its box is not asked for.',
    more: SEMANTICS,
  },
  foreground: {
    says: 'An object of some class: a RoI whose label is a class and not background.',
    more: SEMANTICS,
  },
  assigner: {
    says:
      'The rule that gives each RoI its label, such as maximum IoU, SimOTA or TAL. Each family is trained with ' +
      'its own.',
    more: SEMANTICS,
  },
  score: {
    says: 'How sure the detector is of a class, from 0 to 1.',
    more: MEASURES,
  },
  loss: {
    says:
      'How wrong the detector is at one RoI: class loss and, where an object should be, box loss. Training makes ' +
      'it smaller; mining looks for the largest.',
    more: SEMANTICS,
  },
  'class loss': {
    says:
      'How wrong the class scores are. Of a cross-entropy it is −ln of the score of the label: 0 where it is sure ' +
      'and right, 2.3 where the label gets .1.',
    more: SEMANTICS,
  },
  'box loss': {
    says: 'How far the regressed box is from the ground truth. 0 for background, which has no box to meet.',
    more: SEMANTICS,
  },
  nats: {
    says:
      'The unit of losses and entropies: natural logarithms of probabilities. One nat more is a probability 2.7 ' +
      'times smaller.',
    more: MEASURES,
  },
  'loss rank': {
    says: 'Place in the order of the losses, 1 being the hardest. Colours follow it, from bright to dark.',
    more: SEMANTICS,
  },
  'mean loss': {
    says:
      'Sum of the losses of the selected RoIs divided by their number. A sum favours crowded images, a mean does ' +
      'not.',
    more: MEASURES,
  },
  'hard example': {
    says: 'A RoI or image on which the present detector is wrong or unsure: its loss is large.',
    more: SEMANTICS,
  },
  OHEM: {
    says: 'Online hard example mining: at each step of the training all RoIs get a loss, and only the hardest train.',
    more: SEMANTICS,
  },
  selected: {
    says: 'The preset takes this RoI: it would train. Drawn solid.',
    more: SEMANTICS,
  },
  'mining-suppressed': {
    says:
      'Mining NMS takes it out, because it overlaps a harder RoI, which stands for both. Drawn dashed; it does ' +
      'not train.',
    more: SEMANTICS,
  },
  'below budget': {
    says: 'It has a rank, but the batch was full before its turn, or the sampler passed it over. It does not train.',
    more: SEMANTICS,
  },
  ignored: {
    says:
      'Its label says neither object nor background: it overlaps a crowd or a difficult object, or lies between ' +
      'the thresholds. It is never ranked and never trains.',
    more: SEMANTICS,
  },
  invalid: {
    says: 'Its loss is no finite number, so that it cannot be ranked.',
    more: SEMANTICS,
  },
  'mining NMS': {
    says:
      'Non-maximum suppression by loss: of RoIs that overlap by more than the threshold only the hardest stays, ' +
      'so that one mistake does not train many times.',
    more: SEMANTICS,
  },
  'inference NMS': {
    says:
      'Non-maximum suppression by score, within a class: it turns the boxes of a detector into its detections. ' +
      'Mining does not need it.',
    more: MEASURES,
  },
  preset: {
    says: 'A named rule of what is selected, as a paper or a library has it; its options can be changed.',
    more: SEMANTICS,
  },
  minibatch: {
    says:
      'The images that one step of the training sees together. The budget of RoIs is shared out over them, by ' +
      'some presets over all at once.',
    more: SEMANTICS,
  },
  'batch size': {
    says: 'The budget: so many RoIs train in one minibatch.',
    more: SEMANTICS,
  },
  'keep rate': {
    says:
      'Share of the RoIs that is kept, in place of a fixed number. It grows with the image and with the number of ' +
      'boxes.',
    more: SEMANTICS,
  },
  'offline proxy': {
    says:
      'The losses are of a frozen checkpoint, without augmentation and dropout and with our assigner: close to ' +
      'what its training would see, not the same.',
    more: SEMANTICS,
  },
  'focal weight': {
    says:
      'focal loss weight α_t (1 − p)², α = .25 for foreground and .75 for background, p = e^(−class loss): the ' +
      'probability of the label. Lin et al. 2017, arXiv 1708.02002, equation 5',
    more: MEASURES,
  },
  'GHM-C weight': {
    says:
      'GHM-C weight: number of RoIs ÷ (10 × RoIs in the same tenth of the gradient norm 1 − p), p = e^(−class ' +
      'loss). Above 1: rare, below 1: crowded. Li et al. 2019, arXiv 1811.05181',
    more: MEASURES,
  },
  verdict: {
    says:
      'What a person decides about an image, an object or a RoI, such as that its label is wrong. It stands in a ' +
      'file beside the run.',
    more: MEASURES,
  },
  'label to check': {
    says: 'An annotation that the detections contradict. It may be wrong, or the detector is.',
    more: MEASURES,
  },
  similarity: {
    says:
      'How alike two things look to the checkpoint: the cosine of its own features at both, 1 for the same ' +
      'direction. Only the order says something.',
    more: MEASURES,
  },
  entropy: {
    says:
      'How spread the class scores are, in nats: 0 where the detector is sure of one class, whether right or ' +
      'wrong.',
    more: MEASURES,
  },
  mistakenness: {
    says: 'Chance that a label is wrong, from 0 to 1: high where a sure prediction contradicts it.',
    more: MEASURES,
  },
  'area under the margin': {
    says:
      'Mean over the checkpoints of ln of the score of the label minus ln of the best other score. Low for what ' +
      'is hard, or mislabelled.',
    more: MEASURES,
  },
  forgotten: {
    says: 'How often an example was known at one checkpoint and not at the next.',
    more: MEASURES,
  },
  mAP: {
    says:
      'Mean average precision: the area under precision over recall of the detections, averaged over the classes. ' +
      '1 is perfect.',
    more: TRAINING,
  },
  'read-only head': {
    says: 'The copy of the RoI head that gives every RoI its loss. Nothing flows back through it.',
    more: TRAINING,
  },
  'trainable head': {
    says: 'The RoI head that sees the selected RoIs alone and learns from them.',
    more: TRAINING,
  },
} as const satisfies Readonly<Record<string, Meaning>>;

export type Term = keyof typeof GLOSSARY;
export const TERMS = Object.keys(GLOSSARY) as readonly Term[];

/** `#keep-rate`: where a term stands in docs/glossary.md, as GitHub and VS Code name headings. */
export function anchorOf(term: Term): string {
  return term.toLowerCase().replaceAll(' ', '-');
}

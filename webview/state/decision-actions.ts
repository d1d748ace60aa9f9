/** What a person decides, and takes back. The host writes it; what is shown has been written. */
import { decodeImage } from '../../src/arrow/decode-run.js';
import type { RunImage } from '../../src/arrow/encode-run.js';
import { keyOf, type Decision, type DecisionTarget, type Verdict } from '../../src/core/triage/decisions.js';
import { placeDecisions, targetOfRow, decisionAt, type DecidedPlace } from '../../src/core/triage/placed-decisions.js';
import type { Endpoint } from '../../src/protocol/endpoint.js';
import type { DecisionChange } from '../../src/protocol/decisions.js';
import type { PanelHost } from '../../src/protocol/panel-messages.js';
import { messageOf } from '../words/message-of.js';
import { t } from '../words/t.js';
import type { GalleryActions } from './gallery-actions.js';
import { decisionNow, imageIdAt, placeNow } from './decision-now.js';
import type { PanelModel } from './model.js';
import { addNotice } from './receive.js';

type Said = DecisionChange['decision'];

export function decisionActions(
  model: PanelModel,
  host: Endpoint<PanelHost>,
  { stepItem }: Pick<GalleryActions, 'stepItem'>,
) {
  /** One after the other, in the order of the presses. */
  let last: Promise<unknown> = Promise.resolve();
  const write = (place: DecidedPlace, said: Said) => {
    last = last
      .then(() => changesOf(model, host, place, said))
      .then((changes) => host.call('decide', { changes }))
      .catch((error: unknown) => addNotice(model, 'error', messageOf(error)));
  };
  const decideNow = (verdict: Verdict | null, note?: string) => {
    const place = placeNow(model);
    if (place === null) return;
    const before = decisionNow(model);
    write(place, verdict === null ? null : { verdict, note: note ?? before?.note ?? '' });
    const { kind, where } = model.gallery.query.value;
    // Where only the undecided are listed, the next one comes by itself.
    if (verdict !== null && note === undefined && isQueue(model, kind) && where['verdict'] === undefined) stepItem(1);
  };
  return {
    /** On what has the focus; null takes the own decision back. In the list of labels to check the next one follows. */
    decide: decideNow,
    /** The same on another place, as a menu was opened on it. */
    decideAt: (place: DecidedPlace, verdict: Verdict | null) =>
      write(place, verdict === null ? null : { verdict, note: '' }),
    /** Of a decision that there is. */
    setNote(note: string) {
      const decision = decisionNow(model);
      if (decision !== undefined && decision.note !== note) decideNow(decision.verdict, note);
    },
    /** In a text the text's own. */
    undoDecision: () => inText('undo') || host.tell('undoDecision', {}),
    redoDecision: () => inText('redo') || host.tell('redoDecision', {}),
    /** The RoI, its object, or the image. */
    stepAbout(delta = 1) {
      const { abouts, about } = model.decide;
      const at = abouts.value.indexOf(model.decide.what.value);
      const next = abouts.value.at((at + delta) % Math.max(abouts.value.length, 1));
      if (next !== undefined) about.value = next;
    },
    setAbout: (what: DecidedPlace['what']) => (model.decide.about.value = what),
  };
}

function isQueue({ room }: PanelModel, kind: string): boolean {
  return room.value === 'gallery' && kind === 'suspects';
}

/** @returns true where the focus is in a text. */
function inText(command: 'undo' | 'redo'): boolean {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement)) return false;
  // The only way to a text's own undo.
  document.execCommand(command);
  return true;
}

/** What was decided on the same thing under another name goes: the run may have been made again. */
async function changesOf(
  model: PanelModel,
  host: Endpoint<PanelHost>,
  place: DecidedPlace,
  said: Said,
): Promise<readonly DecisionChange[]> {
  const { target, before } = await findTarget(model, host, place);
  const earlier = before !== undefined && keyOf(before) !== keyOf(target) ? [nameOf(before)] : [];
  return [...earlier.map((each) => ({ target: each, decision: null })), { target, decision: said }];
}

function nameOf({ image, object, roi }: Decision): DecisionTarget {
  return { image, ...(object && { object }), ...(roi && { roi }) };
}

async function readImage(schema: Uint8Array, host: Endpoint<PanelHost>, imageIndex: number): Promise<RunImage> {
  const { bytes, row } = await host.call('readRois', { imageIndex });
  return decodeImage(schema, bytes, row);
}

async function findTarget(
  model: PanelModel,
  host: Endpoint<PanelHost>,
  { imageIndex, what, row }: DecidedPlace,
): Promise<{ readonly target: DecisionTarget; readonly before: Decision | undefined }> {
  const shown = model.image.value;
  if (what === 'image') return { target: { image: imageIdAt(model, imageIndex) }, before: undefined };
  const schema = model.schema.value;
  if (schema === null) throw new Error(t('The run is not here yet.'));
  const image = shown?.imageIndex === imageIndex ? shown : await readImage(schema, host, imageIndex);
  const classes = model.classes.value;
  const target = targetOfRow(image.summary.id, image, classes, what, row);
  if (target === undefined) throw new Error(t('The run has changed meanwhile.'));
  const known = model.decide.byImage.value.get(image.summary.id) ?? [];
  return { target, before: decisionAt(placeDecisions(known, image, classes), what, row) };
}

/** Asks the host what the page needs: the runs to be read, then answers, rows in sight, the chosen example. */
import { batch, effect } from '@preact/signals';
import type { Endpoint } from '../../src/protocol/endpoint.js';
import type { CheckpointHost } from '../../src/protocol/checkpoint-messages.js';
import type { GalleryProgress } from '../../src/protocol/gallery-messages.js';
import { messageOf } from '../words/message-of.js';
import { countOf } from '../rows/format.js';
import { PAGE, rowAt, setFault, type CheckpointModel } from './checkpoint-model.js';

type Host = Pick<Endpoint<CheckpointHost>, 'call'>;

/** While runs are read, what they have so far is asked for this often, ms. */
const GROWTH_MS = 1000;

/** Reads the runs; what is there is asked about meanwhile. @param again as they are now. */
export async function readRuns(model: CheckpointModel, host: Host, again: boolean): Promise<void> {
  model.reading.value?.stop();
  const stop = new AbortController();
  const reading = { stop: () => stop.abort() };
  batch(() => {
    model.reading.value = reading;
    model.faults.value = {};
  });
  try {
    await host.call('read', { again }, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) setFault(model, 'read', messageOf(error));
  }
  if (model.reading.peek() !== reading) return;
  batch(() => {
    model.reading.value = null;
    model.stale.value++;
  });
}

/** Takes how far the reading is, and now and then asks what there is. */
export function progressTaker(model: CheckpointModel): (progress: GalleryProgress) => void {
  let askedAt = -Infinity;
  return (progress) => {
    model.progress.value = progress;
    if (performance.now() - askedAt < GROWTH_MS) return;
    askedAt = performance.now();
    model.stale.value++;
  };
}

/** Follows the query, the list and the choice. @returns how to stop. */
export function followQuestions(model: CheckpointModel, host: Host): () => void {
  const stops = [followQuery(model, host), followPages(model, host), followFirst(model), followChoice(model, host)];
  return () => stops.forEach((stop) => stop());
}

function followQuery(model: CheckpointModel, host: Host): () => void {
  let asking = new AbortController();
  return effect(() => {
    const { query, stale } = model;
    const question = query.value;
    // Before the host has said which runs there is nothing to ask about.
    if (stale.value === 0) return;
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    void host.call('query', { query: question }, signal).then(
      (answer) => {
        if (signal.aborted) return;
        batch(() => {
          model.answer.value = answer;
          model.progress.value = answer.read;
          setFault(model, 'query', null);
          model.spoken.value = countOf(answer.numShown, '{0} example listed', '{0} examples listed');
        });
      },
      (error: unknown) => !signal.aborted && setFault(model, 'query', messageOf(error)),
    );
  });
}

function followPages(model: CheckpointModel, host: Host): () => void {
  /** Page -> the answer that it was asked for. */
  const known = new Map<number, unknown>();
  return effect(() => {
    const [answer, { first, last }] = [model.answer.value, model.wanted.value];
    if (answer === null) return;
    const query = model.query.peek();
    for (let page = first; page <= last && page * PAGE < answer.numShown; page++) void readPage(page);

    async function readPage(page: number): Promise<void> {
      if (known.get(page) === answer) return;
      known.set(page, answer);
      try {
        const rows = await host.call('page', { page: { query, first: page * PAGE, most: PAGE } });
        if (model.answer.peek() !== answer) return;
        model.pages.value = new Map(model.pages.peek()).set(page, rows);
        setFault(model, 'page', null);
      } catch (error) {
        known.delete(page);
        setFault(model, 'page', messageOf(error));
      }
    }
  });
}

/** Nothing is chosen at first, and after another question: the first of the list is looked at then. */
function followFirst(model: CheckpointModel): () => void {
  return effect(() => {
    const first = rowAt(model, model.at.value);
    if (first !== undefined && model.chosen.value === null) model.chosen.value = { image: first.image, gt: first.gt };
  });
}

function followChoice(model: CheckpointModel, host: Host): () => void {
  let asked = '';
  return effect(() => {
    const [chosen, answer] = [model.chosen.value, model.answer.value];
    // A picture of what the list no longer has would say something else than the list.
    if (answer?.numShown === 0) [model.sides.value, asked] = [null, ''];
    if (chosen === null || answer === null) return;
    const key = { ...chosen, a: answer.a, b: answer.b };
    const question = JSON.stringify([key, model.picturesStale.value]);
    if (question === asked) return;
    asked = question;
    host.call('example', { key }).then(
      ({ sides }) => {
        if (question !== asked) return;
        // The same picture is not loaded again: what was wrong with it still is.
        if (sides[0].uri !== model.sides.peek()?.[0].uri) setFault(model, 'picture', null);
        model.sides.value = sides;
        setFault(model, 'example', null);
      },
      (error: unknown) => question === asked && setFault(model, 'example', messageOf(error)),
    );
  });
}

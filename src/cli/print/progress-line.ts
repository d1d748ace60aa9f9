import { SingleBar } from 'cli-progress';
import type { MineProgress, ShardsProgress } from '../../protocol/panel-messages.js';

const LINE_MS = 5000;
/** Shards that a line names. */
const MAX_NAMED = 10;

/** Shows progress on standard error: a bar on a terminal, now and then a line elsewhere. */
export interface ProgressLine {
  show(progress: MineProgress): void;
  /** A line for the person, above the bar. */
  say(text: string): void;
  stop(): void;
}

export function progressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  return stream.isTTY ? barOn(stream) : linesOn(stream);
}

function barOn(stream: NodeJS.WriteStream): ProgressLine {
  const bar = new SingleBar({
    stream,
    format: '{bar} {value}/{total} images  {speed}  {left}  {failed}  {shards}',
    hideCursor: true,
    clearOnComplete: false,
    // The run handles Ctrl-C itself.
    gracefulExit: false,
  });
  let started = false;
  return {
    show(progress) {
      if (!started) bar.start(progress.numTotal, progress.numDone, wordsOf(progress));
      started = true;
      bar.update(progress.numDone, wordsOf(progress));
    },
    say(text) {
      if (started) stream.write('\r\u001b[K');
      stream.write(`${text}\n`);
      if (started) bar.render();
    },
    stop() {
      if (started) bar.stop();
    },
  };
}

function linesOn(stream: NodeJS.WriteStream): ProgressLine {
  let saidAt = performance.now();
  const say = (text: string) => void stream.write(`${text}\n`);
  return {
    say,
    show(progress) {
      if (progress.state === 'running' && performance.now() - saidAt < LINE_MS) return;
      saidAt = performance.now();
      const { speed, left, failed, shards } = wordsOf(progress);
      say(
        [`${progress.numDone}/${progress.numTotal} images`, speed, left, failed, shards]
          .filter((word) => word !== '')
          .join('  '),
      );
    },
    stop: () => undefined,
  };
}

function wordsOf({ imagesPerSecond, etaSeconds, numFailed, state, shards }: MineProgress) {
  return {
    speed: imagesPerSecond === 0 ? '' : `${imagesPerSecond.toFixed(imagesPerSecond < 10 ? 2 : 0)} images/s`,
    left: etaSeconds === null || state !== 'running' ? '' : `${duration(etaSeconds)} left`,
    failed: numFailed === 0 ? '' : `${numFailed} failed`,
    shards: shards === undefined ? '' : shardWords(shards),
  };
}

/** `3 of 8 shards whole, not begun: 5, 7`. */
function shardWords({ count, numWhole, notBegun }: ShardsProgress): string {
  const named = notBegun.slice(0, MAX_NAMED).join(', ') + (notBegun.length > MAX_NAMED ? ', …' : '');
  return `${numWhole} of ${count} shards whole${named === '' ? '' : `, not begun: ${named}`}`;
}

/** `8 s`, `3 min 20 s`, `2 h 05 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

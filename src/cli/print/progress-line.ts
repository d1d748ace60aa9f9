import { SingleBar } from 'cli-progress';
import type { MineProgress } from '../../protocol/panel-messages.js';

const LINE_MS = 5000;

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
    format: '{bar} {value}/{total} images  {speed}  {left}  {failed}',
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
      const { speed, left, failed } = wordsOf(progress);
      say(
        [`${progress.numDone}/${progress.numTotal} images`, speed, left, failed]
          .filter((word) => word !== '')
          .join('  '),
      );
    },
    stop: () => undefined,
  };
}

function wordsOf({ imagesPerSecond, etaSeconds, numFailed, state }: MineProgress) {
  return {
    speed: imagesPerSecond === 0 ? '' : `${imagesPerSecond.toFixed(imagesPerSecond < 10 ? 2 : 0)} images/s`,
    left: etaSeconds === null || state !== 'running' ? '' : `${duration(etaSeconds)} left`,
    failed: numFailed === 0 ? '' : `${numFailed} failed`,
  };
}

/** `8 s`, `3 min 20 s`, `2 h 05 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../words/t.js';
import { keyedSize, movedSize, useSize, type SplitBounds } from './split-size.js';

/** CSS px that no splitter takes from the picture, or from what is beside a part. */
const LEFT_OVER = 200;

export interface SplitterProps {
  /** The part that it sizes: the key of its size. */
  readonly id: string;
  /** What the part is called. */
  readonly label: string;
  /** Of the move. */
  readonly axis: 'x' | 'y';
  /** The part stands behind the splitter, not before it. */
  readonly behind?: boolean;
  /** CSS px. */
  readonly least: number;
}

/** A line between two parts, moved by the mouse or by arrows; a double click or Enter gives the first size back. */
export function Splitter({ id, label, axis, behind = false, least }: SplitterProps) {
  const line = useRef<HTMLDivElement>(null);
  const { set } = useSize(id);
  const now = useMeasured(line, axis, behind);
  const most = Math.round((axis === 'x' ? window.innerWidth : window.innerHeight) - LEFT_OVER);
  const bounds: SplitBounds = { least, most, sign: behind ? -1 : 1 };
  const onKeyDown = (event: KeyboardEvent) => {
    const size = keyedSize(event.key, { axis, leap: event.shiftKey }, now, bounds);
    if (size === null && event.key !== 'Enter') return;
    event.preventDefault();
    set(size);
  };
  const drag = (down: PointerEvent) => {
    const element = line.current;
    if (element === null || down.button !== 0) return;
    element.setPointerCapture(down.pointerId);
    const at = axis === 'x' ? down.clientX : down.clientY;
    element.onpointermove = (move) => set(movedSize(now, (axis === 'x' ? move.clientX : move.clientY) - at, bounds));
    element.onlostpointercapture = () => (element.onpointermove = null);
  };
  return (
    <div
      ref={line}
      class={`splitter splitter-${axis}`}
      role="separator"
      tabIndex={0}
      aria-orientation={axis === 'x' ? 'vertical' : 'horizontal'}
      aria-label={t('Size of {0}', label)}
      aria-valuenow={now}
      aria-valuemin={least}
      aria-valuemax={Math.max(most, now)}
      aria-valuetext={t('{0} pixels', now)}
      title={t('Drag, or press arrows; a double click or Enter resets it')}
      data-testid={`splitter-${id}`}
      onKeyDown={onKeyDown}
      onPointerDown={drag}
      onDblClick={() => set(null)}
    />
  );
}

/** The part's present size, whole px. */
function useMeasured(line: { readonly current: HTMLElement | null }, axis: 'x' | 'y', behind: boolean) {
  const [size, setSize] = useState(0);
  useLayoutEffect(() => {
    const element = behind ? line.current?.nextElementSibling : line.current?.previousElementSibling;
    if (!element) return;
    const measure = () => {
      const { width, height } = element.getBoundingClientRect();
      setSize(Math.round(axis === 'x' ? width : height));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [line, axis, behind]);
  return size;
}

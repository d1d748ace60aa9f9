/**
 * What the gallery shows of a run, as columns: selected RoIs, detections, objects, images. All have the same columns,
 * so that what filters and sorts one does it for all.
 */

/** Each column and the array that holds it. */
export const ITEM_COLUMNS = {
  /** Place of the image in the run. */
  image: Int32Array,
  /** RoI of that image that stands for the item; NONE. */
  row: Int32Array,
  /** Object of that image: the item itself, or what its RoI was matched with; NONE. */
  gt: Int32Array,
  /** Where that object stands in its annotation file, as in `GtTable`; NONE. */
  annotation: Int32Array,
  /** [0, K) foreground, K background; NONE unknown. */
  label: Int16Array,
  /** The class with the highest score, as `preferredClass`; NONE unknown. */
  preferred: Int16Array,
  /** 1: mining selects it, or a RoI of it. */
  selected: Uint8Array,
  /** `ErrorType` of the detection, or of the object; NONE where it is neither. */
  error: Int8Array,
  /** Detection score, [0, 1]; NaN unknown. */
  score: Float32Array,
  /** IoU of RoI and object, [0, 1]; NaN unknown. */
  iou: Float32Array,
  /** nats; NaN where mining selects nothing of the item. */
  loss: Float32Array,
  /** What to cut out of the image, px. */
  x1: Float32Array,
  y1: Float32Array,
  x2: Float32Array,
  y2: Float32Array,
} as const;
export type ItemColumn = keyof typeof ITEM_COLUMNS;
export const ITEM_COLUMN_NAMES = Object.keys(ITEM_COLUMNS) as ItemColumn[];

/** n items, in the order of the run. */
export type Items = {
  readonly length: number;
  /** Of labels to check: `SUSPICIONS` by place, and the score, [0, 1]. */
  readonly suspicions?: { readonly kind: Int8Array; readonly score: Float64Array };
} & {
  readonly [C in ItemColumn]: InstanceType<(typeof ITEM_COLUMNS)[C]>;
};
/** One row of `Items`. */
export type Item = Readonly<Record<ItemColumn, number>>;

/** Columns of zeros. */
export function allocateItems(length: number): Items {
  const columns = Object.entries(ITEM_COLUMNS).map(([name, Column]) => [name, new Column(length)]);
  return { length, ...Object.fromEntries(columns) } as Items;
}

/** Rows [0, length) as views. @param length at most the rows there are. */
export function firstItems(items: Items, length: number): Items {
  const columns = ITEM_COLUMN_NAMES.map((name) => [name, items[name].subarray(0, length)]);
  return { length, ...Object.fromEntries(columns) } as Items;
}

/** Items that are still being gathered. */
export class ItemList {
  #items = allocateItems(1024);
  #length = 0;

  /** Appends an item. Cost: constant on average. */
  push(item: Item): void {
    if (this.#length === this.#items.length) this.#grow();
    for (const name of ITEM_COLUMN_NAMES) this.#items[name][this.#length] = item[name];
    this.#length++;
  }

  /** The items so far, as views. */
  items(): Items {
    return firstItems(this.#items, this.#length);
  }

  #grow(): void {
    const larger = allocateItems(this.#length * 2);
    for (const name of ITEM_COLUMN_NAMES) larger[name].set(this.#items[name]);
    this.#items = larger;
  }
}

/** Stochastic gradient descent with momentum, weight decay and a step schedule with warm-up. */
import * as tf from '@tensorflow/tfjs-core';

export interface SgdOptions {
  readonly learningRate: number;
  readonly momentum: number;
  /** Times the weight, added to the gradient of kernels (not of biases and normalisations). */
  readonly weightDecay: number;
  /** Steps over which the rate rises linearly. */
  readonly warmup: number;
  /** Steps at which the rate is divided by 10. */
  readonly drops: readonly number[];
}

/** Learning rate at a step, counted from 0. */
export function learningRateAt(step: number, { learningRate, warmup, drops }: SgdOptions): number {
  const risen = warmup === 0 ? 1 : Math.min(1, (step + 1) / warmup);
  return learningRate * risen * 0.1 ** drops.filter((drop) => step >= drop).length;
}

export class Sgd {
  readonly #velocity = new Map<string, tf.Variable>();

  constructor(readonly options: SgdOptions) {}

  /** v = momentum * v + gradient + decay * w; w = w - rate * v. Disposes the gradients. */
  apply(gradients: tf.NamedTensorMap, variables: Readonly<Record<string, tf.Variable>>, step: number): void {
    const rate = learningRateAt(step, this.options);
    for (const [name, gradient] of Object.entries(gradients)) {
      const weight = variables[name];
      if (weight === undefined) throw new Error(`no variable ${name}`);
      this.#update(name, weight, gradient, rate);
      gradient.dispose();
    }
  }

  #update(name: string, weight: tf.Variable, gradient: tf.Tensor, rate: number): void {
    const { momentum, weightDecay } = this.options;
    let velocity = this.#velocity.get(name);
    if (velocity === undefined) {
      velocity = tf.variable(tf.zeros(weight.shape), false);
      this.#velocity.set(name, velocity);
    }
    const decay = weight.shape.length > 1 ? weightDecay : 0;
    const held = velocity;
    tf.tidy(() => {
      held.assign(tf.add(tf.add(tf.mul(held, momentum), gradient), tf.mul(weight, decay)));
      weight.assign(tf.sub(weight, tf.mul(held, rate)));
    });
  }

  dispose(): void {
    tf.dispose([...this.#velocity.values()]);
    this.#velocity.clear();
  }
}

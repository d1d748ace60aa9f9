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
  readonly #velocity: readonly tf.Variable[];

  /** @param variables what is trained; nothing else is ever touched. */
  constructor(
    readonly options: SgdOptions,
    readonly variables: readonly tf.Variable[],
  ) {
    this.#velocity = variables.map(({ shape }) => tf.variable(tf.zeros(shape), false));
  }

  /**
   * v = momentum * v + gradient + decay * w; w = w - rate * v. Disposes the gradients.
   * @param gradients by the variables' names; a missing one is 0.
   */
  apply(gradients: tf.NamedTensorMap, step: number): void {
    const rate = learningRateAt(step, this.options);
    this.variables.forEach((weight, i) => this.#update(weight, this.#velocity[i], gradients[weight.name], rate));
    tf.dispose(gradients);
  }

  #update(weight: tf.Variable, velocity: tf.Variable, gradient: tf.Tensor | undefined, rate: number): void {
    const { momentum, weightDecay } = this.options;
    const decay = weight.shape.length > 1 ? weightDecay : 0;
    tf.tidy(() => {
      const pushed = tf.add(tf.mul(velocity, momentum), tf.mul(weight, decay));
      velocity.assign(gradient === undefined ? pushed : tf.add(pushed, gradient));
      weight.assign(tf.sub(weight, tf.mul(velocity, rate)));
    });
  }

  /** The momentum of each variable, in the order of `variables`: what a resumed training needs. */
  velocities(): readonly tf.Variable[] {
    return this.#velocity;
  }

  dispose(): void {
    tf.dispose([...this.#velocity]);
  }
}

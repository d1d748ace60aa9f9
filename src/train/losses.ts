/** Differentiable losses; each gives a scalar. */
import * as tf from '@tensorflow/tfjs-core';

/** Mean cross-entropy from logits [R, C] and labels; 0 without rows. */
export function meanCrossEntropy(logits: tf.Tensor2D, labels: Int32Array): tf.Scalar {
  if (labels.length === 0) return tf.scalar(0);
  const oneHot = tf.oneHot(tf.tensor1d(labels, 'int32'), logits.shape[1]);
  return tf.neg(tf.div(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot)), labels.length)) as tf.Scalar;
}

/** Mean binary cross-entropy from logits [R] and labels 0 or 1; 0 without rows. */
export function meanBinaryCrossEntropy(logits: tf.Tensor1D, labels: Float32Array): tf.Scalar {
  if (labels.length === 0) return tf.scalar(0);
  // softplus(x) - x * y, in the form that neither overflows nor cancels.
  const softplus = tf.add(tf.relu(logits), tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));
  return tf.mean(tf.sub(softplus, tf.mul(logits, tf.tensor1d(labels))));
}

/** Smooth L1 summed over coordinates and rows, divided by `count`. `beta` = 1 / sigma². */
export function smoothL1(predicted: tf.Tensor2D, target: Float32Array, beta: number, count: number): tf.Scalar {
  if (target.length === 0) return tf.scalar(0);
  const distance = tf.abs(tf.sub(predicted, tf.tensor2d(target, [target.length / 4, 4])));
  const near = tf.minimum(distance, beta);
  // near²/(2 beta) + (distance - near): quadratic below beta, linear with slope 1 above.
  return tf.div(tf.sum(tf.add(tf.div(tf.square(near), 2 * beta), tf.sub(distance, near))), Math.max(1, count));
}

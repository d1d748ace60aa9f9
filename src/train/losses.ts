/** Differentiable losses; each gives a scalar. */
import * as tf from '@tensorflow/tfjs-core';

/** Mean cross-entropy from logits [R, C] and labels; 0 without rows. */
export function meanCrossEntropy(logits: tf.Tensor2D, labels: Int32Array): tf.Scalar {
  if (labels.length === 0) return tf.scalar(0);
  const oneHot = tf.oneHot(tf.tensor1d(labels, 'int32'), logits.shape[1]);
  return tf.neg(tf.div(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot)), labels.length)) as tf.Scalar;
}

/** Weight of foreground. Source: RetinaNet (arXiv 1708.02002, section 5.1). */
const FOCAL_ALPHA = 0.25;

/**
 * The focal loss of a softmax head, alpha .25, gamma 2: alpha_t * (1 - p_t)^2 * -ln(p_t), summed over the rows and
 * divided by the foreground among them, at least 1. IGNORE costs nothing; 0 without rows.
 * @param logits [R, K + 1], background last.
 * @param labels R: [0, K), K background, or IGNORE.
 * Source: RetinaNet (arXiv 1708.02002, equation 5 and section 4.1), with the softmax's p_t for the sigmoid's.
 */
export function focalCrossEntropy(logits: tf.Tensor2D, labels: Int32Array): tf.Scalar {
  if (labels.length === 0) return tf.scalar(0);
  const background = logits.shape[1] - 1;
  const isForeground = (label: number) => label >= 0 && label < background;
  const alpha = Float32Array.from(labels, (label) => (isForeground(label) ? FOCAL_ALPHA : 1 - FOCAL_ALPHA));
  const oneHot = tf.oneHot(tf.tensor1d(labels, 'int32'), logits.shape[1]);
  const logTrue = tf.sum(tf.mul(tf.logSoftmax(logits), oneHot), 1);
  const weight = tf.mul(tf.square(tf.sub(1, tf.exp(logTrue))), tf.tensor1d(alpha));
  const count = Math.max(1, labels.filter(isForeground).length);
  return tf.neg(tf.div(tf.sum(tf.mul(weight, logTrue)), count)) as tf.Scalar;
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

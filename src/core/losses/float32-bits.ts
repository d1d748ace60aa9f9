/** The bits of each value, in the same memory. Those of numbers from 0 on are ordered as the numbers are. */
export function float32Bits({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length);
}

/** SVG to pixels by librsvg (inside sharp), then the camera: defocus and sensor noise. */
import sharp from 'sharp';
import type { RgbImage } from '../../src/core/graph.js';
import type { Scene } from './scene.js';
import { SceneRandom } from './scene-random.js';

/** The picture of a scene. Deterministic for one version of librsvg. */
export async function rasteriseScene(scene: Scene, svg: string): Promise<RgbImage> {
  let picture = sharp(Buffer.from(svg)).flatten({ background: '#808080' }).removeAlpha();
  if (scene.blur >= 0.3) picture = picture.blur(scene.blur);
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  addNoise(data, info.width, info.height, scene);
  return { width: info.width, height: info.height, data };
}

/** Noise is stronger in the dark, as on a sensor, and partly shared by the three colours. Changes `data`. */
function addNoise(data: Uint8Array, width: number, height: number, { noise, seed }: Scene): void {
  const random = new SceneRandom(seed ^ 0x2545f491);
  const bell = Float32Array.from({ length: 4096 }, () => random.normal());
  for (let pixel = 0; pixel < width * height; pixel++) {
    const bits = random.bits();
    const shared = bell[bits & 4095];
    for (let c = 0; c < 3; c++) {
      const value = data[pixel * 3 + c];
      const own = bell[(bits >>> (8 + 4 * c)) & 4095];
      const shifted = value + noise * (1.25 - value / 255) * (0.75 * shared + 0.45 * own);
      data[pixel * 3 + c] = Math.max(0, Math.min(255, Math.round(shifted)));
    }
  }
}

/** JPEG, as a camera would save it. */
export function encodeJpeg(image: RgbImage, quality: number): Promise<Buffer> {
  return sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:2:0', mozjpeg: true })
    .toBuffer();
}

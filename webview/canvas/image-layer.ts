/** The photograph: loading and drawing. */
import type { Size, Viewport } from '../geometry/viewport.js';

export interface Picture {
  readonly bitmap: ImageBitmap;
  readonly uri: string;
}

/**
 * Loads and decodes a picture, upright (EXIF orientation applied by the browser).
 * @throws Error with one line for the person.
 */
export async function loadPicture(uri: string): Promise<Picture> {
  const element = new Image();
  element.src = uri;
  try {
    await element.decode();
    return { bitmap: await createImageBitmap(element), uri };
  } catch {
    throw new Error('the picture could not be loaded');
  }
}

/** Draws the picture over the image's place and lays the dimming over it. Without a picture: the place alone. */
export function paintPicture(
  context: CanvasRenderingContext2D,
  picture: Picture | null,
  image: Size,
  viewport: Viewport,
  dim: number,
): void {
  const { scale, x, y } = viewport;
  const [width, height] = [image.width * scale, image.height * scale];
  context.fillStyle = '#2b2b2b';
  context.fillRect(x, y, width, height);
  if (picture !== null) {
    // Single pixels are worth seeing once they are large.
    context.imageSmoothingEnabled = scale < 4;
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture.bitmap, x, y, width, height);
  }
  context.globalAlpha = Math.min(Math.max(dim, 0), 1);
  context.fillStyle = '#000000';
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
}

/** Child of the full disk's test: appends images until the disk says no. */
import { createRun } from '../../../../src/run/file/run-store.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';

const writer = await createRun(process.argv[2], sampleManifest());
try {
  for (let i = 0; i < 100; i++) await writer.append(sampleImage(`${i}.jpg`, 200, 1));
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
}
await writer.close();

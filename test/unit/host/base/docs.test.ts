/** The pages that errors and commands lead to are there, and go into the vsix. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { MiningError, type MiningErrorCode } from '../../../../src/core/mining-error.js';

vi.mock('vscode', () => ({ l10n: { t: (text: string) => text }, commands: { executeCommand: vi.fn() } }));
const { DOCS, docsPageOf } = await import('../../../../src/host/base/docs.js');

describe('the documentation', () => {
  it.each<[MiningErrorCode, string | null]>([
    ['checkpoint', 'checkpoints.md'],
    ['dataset', 'annotations.md'],
    ['dump', 'roi-dump.md'],
    ['engine', 'engines.md'],
    ['options', null],
    ['run-file', null],
    ['mining', null],
  ])('of an error of the %s is %s', (code, page) => {
    expect(docsPageOf(new MiningError(code, 'where', 'this', 'that'))).toBe(page);
    if (page !== null) expect(Object.keys(DOCS)).toContain(page);
  });

  it('has each page that it offers', () => {
    for (const page of Object.keys(DOCS)) expect(existsSync(join('docs', page)), page).toBe(true);
    expect(docsPageOf(new Error('of somebody else'))).toBeNull();
  });
});

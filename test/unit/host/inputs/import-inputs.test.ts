import { beforeEach, describe, expect, it, vi } from 'vitest';

const { pickPath, confirmOneOf } = vi.hoisted(() => ({
  pickPath: vi.fn<() => Promise<string | undefined>>(),
  confirmOneOf: vi.fn<(question: string) => Promise<string | undefined>>(),
}));
vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...given: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(given[Number(i)])) },
  workspace: { workspaceFolders: [] },
}));
vi.mock('../../../../src/host/inputs/pick-path.js', () => ({
  pickPath,
  browseItem: () => ({}),
  foundItem: () => ({}),
}));
vi.mock('../../../../src/host/base/speak.js', () => ({ confirmOneOf }));
const { askDump } = await import('../../../../src/host/inputs/import-inputs.js');

const ask = (numFound: (folder: string) => number) => {
  const call = async (method: string, { images }: { images: string }) =>
    method === 'findInputs' ? { dumps: [] } : { first: 'a.png', numLooked: 3, numFound: numFound(images) };
  return askDump({ call } as never, false);
};

describe('import of a dump whose images are nowhere', () => {
  beforeEach(() => vi.resetAllMocks());

  it('asks before it goes on without them', async () => {
    pickPath.mockResolvedValueOnce('/d/dump.jsonl').mockResolvedValueOnce('/d');
    confirmOneOf.mockResolvedValueOnce('Import Without Images');
    expect(await ask(() => 0)).toEqual({ dump: '/d/dump.jsonl', images: '/d' });
    expect(confirmOneOf.mock.calls[0]?.[0]).toBe('No image of dump.jsonl is in /d');
  });

  it('takes another folder, and ends where the person gives up', async () => {
    pickPath.mockResolvedValueOnce('/d/dump.jsonl').mockResolvedValueOnce('/d').mockResolvedValueOnce('/images');
    confirmOneOf.mockResolvedValueOnce('Other Folder…');
    expect(await ask((folder) => Number(folder === '/images'))).toEqual({ dump: '/d/dump.jsonl', images: '/images' });
    pickPath.mockResolvedValueOnce('/d/dump.jsonl').mockResolvedValueOnce('/d');
    expect(await ask(() => 0)).toBeUndefined();
  });

  it('asks nothing where they are', async () => {
    pickPath.mockResolvedValueOnce('/d/dump.jsonl').mockResolvedValueOnce('/d');
    expect(await ask(() => 3)).toEqual({ dump: '/d/dump.jsonl', images: '/d' });
    expect(confirmOneOf).not.toHaveBeenCalled();
  });
});

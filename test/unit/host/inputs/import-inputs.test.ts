import { beforeEach, describe, expect, it, vi } from 'vitest';

const { pickPath, confirmOneOf, workspaceFolders } = vi.hoisted(() => ({
  workspaceFolders: [] as string[],
  pickPath: vi.fn<() => Promise<string | undefined>>(),
  confirmOneOf: vi.fn<(question: string) => Promise<string | undefined>>(),
}));
vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...given: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(given[Number(i)])) },
  workspace: {},
}));
vi.mock('../../../../src/host/inputs/pick-path.js', () => ({
  pickPath,
  browseItem: () => ({}),
  foundItem: () => ({}),
}));
vi.mock('../../../../src/host/base/local-path.js', () => ({ workspaceFolders: () => workspaceFolders }));
vi.mock('../../../../src/host/base/speak.js', () => ({ confirmOneOf }));
const { askDump } = await import('../../../../src/host/inputs/import-inputs.js');

const ask = (numFound: (folder: string) => number, follow = false) => {
  const call = async (method: string, { images }: { images: string }) => {
    if (method === 'findInputs') return { dumps: [] };
    const found = numFound(images);
    return { first: 'a.png', numLooked: 3, numFound: found, foundAt: found > 0 ? `${images}/a.png` : '' };
  };
  return askDump({ call } as never, follow);
};

describe('import of a dump', () => {
  beforeEach(() => vi.resetAllMocks());
  beforeEach(() => workspaceFolders.splice(0));

  it('whose images are nowhere near asks for their folder, and before it goes on without them', async () => {
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

  it('asks nothing where they are in one folder near it, and which where they are in two', async () => {
    workspaceFolders.push('/w');
    pickPath.mockResolvedValueOnce('/d/dump.jsonl');
    expect(await ask((folder) => (folder === '/w' ? 3 : 0))).toEqual({ dump: '/d/dump.jsonl', images: '/w' });
    expect(pickPath).toHaveBeenCalledTimes(1);
    pickPath.mockResolvedValueOnce('/d/dump.jsonl').mockResolvedValueOnce('/d');
    expect(await ask(() => 3)).toEqual({ dump: '/d/dump.jsonl', images: '/d' });
    expect(pickPath).toHaveBeenCalledTimes(3);
    expect(confirmOneOf).not.toHaveBeenCalled();
  });

  it('that is watched asks for no folder that is not near: it is seen at once', async () => {
    pickPath.mockResolvedValueOnce('/d/dump.jsonl');
    expect(await ask(() => 0, true)).toEqual({ dump: '/d/dump.jsonl', images: '/d' });
    expect(pickPath).toHaveBeenCalledTimes(1);
  });
});

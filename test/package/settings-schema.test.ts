/**
 * package.json's settings are generated: `UPDATE=1 npx vitest run test/package/settings-schema.test.ts` writes them.
 */
import { applyEdits, modify, parse } from 'jsonc-parser';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, OPTION_KEYS } from '../../src/core/mining/mining-options.js';
import { BACKENDS } from '../../src/engine/registry.js';
import { PANEL_COMMANDS } from '../../src/protocol/panel-messages.js';
import { settingsSections, settingsTexts } from '../../src/host/base/settings-schema.js';

const HOW = 'run: UPDATE=1 npx vitest run test/package/settings-schema.test.ts';
const read = (path: string) => parse(readFileSync(path, 'utf8'));

function update(): void {
  const formattingOptions = { insertSpaces: true, tabSize: 2 };
  const manifest = readFileSync('package.json', 'utf8');
  writeFileSync(
    'package.json',
    applyEdits(
      manifest,
      modify(manifest, ['contributes', 'configuration'], settingsSections(BACKENDS), { formattingOptions }),
    ),
  );
  const others = Object.entries(read('package.nls.json')).filter(([key]) => !key.startsWith('config.'));
  writeFileSync(
    'package.nls.json',
    `${JSON.stringify({ ...Object.fromEntries(others), ...settingsTexts(BACKENDS) }, null, 2)}\n`,
  );
}

if (process.env['UPDATE'] === '1') update();

describe('the contributed settings', () => {
  it('are those of the option list', () => {
    expect(read('package.json').contributes.configuration, HOW).toEqual(settingsSections(BACKENDS));
  });

  it('have the texts of the option list', () => {
    const texts = Object.fromEntries(
      Object.entries(read('package.nls.json')).filter(([key]) => key.startsWith('config.')),
    );
    expect(texts, HOW).toEqual(settingsTexts(BACKENDS));
  });

  it('have the defaults of the core', () => {
    const [, mining] = settingsSections(BACKENDS);
    for (const key of ['preset', ...OPTION_KEYS] as const) {
      expect(mining.properties[`ohemLens.mining.${key}`]['default']).toBe(DEFAULT_CONFIG[key]);
    }
  });
});

describe('the contributed texts', () => {
  const manifest = readFileSync('package.json', 'utf8');
  const texts: Record<string, string> = read('package.nls.json');
  const used = [...manifest.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]);

  it('are all there', () => {
    expect(used.filter((key) => !(key in texts))).toEqual([]);
    expect(used.length).toBeGreaterThan(40);
  });

  it('are all used', () => {
    expect(Object.keys(texts).filter((key) => !used.includes(key))).toEqual([]);
  });
});

describe('the contributed commands', () => {
  const { contributes, extensionKind, capabilities, activationEvents } = read('package.json');
  const commands: { command: string; title: string; category?: string }[] = contributes.commands;

  it('begin with the one that gives the extension its sense', () => {
    expect(commands[0]).toMatchObject({ command: 'ohemLens.mine', title: 'Mine Hard Examples' });
  });

  it('are all found by the name of the extension', () => {
    expect(commands.filter(({ category }) => category !== 'OHEM Lens')).toEqual([]);
  });

  it('include every command of the panel', () => {
    const names = commands.map((command) => command.command);
    for (const command of PANEL_COMMANDS) expect(names).toContain(`ohemLens.${command}`);
  });

  it('take keys only while a run is in front', () => {
    for (const { when } of contributes.keybindings) expect(when).toContain("activeCustomEditorId == 'ohemLens.run'");
  });

  it('menus and keys name known commands only', () => {
    const names = new Set(commands.map((command) => command.command));
    const menus = Object.values(contributes.menus as Record<string, { command: string }[]>).flat();
    for (const { command } of [...menus, ...contributes.keybindings]) expect(names).toContain(command);
  });

  it('no activation on start-up; a workspace extension; limited in Restricted Mode', () => {
    // Only to bring panels back that the window was closed with.
    expect(activationEvents).toEqual(['onWebviewPanel:ohemLens.training', 'onWebviewPanel:ohemLens.checkpoints']);
    expect(extensionKind).toEqual(['workspace']);
    expect(capabilities.untrustedWorkspaces.supported).toBe('limited');
    expect(capabilities.virtualWorkspaces.supported).toBe(false);
  });
});

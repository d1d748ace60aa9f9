/**
 * The settings of package.json and their texts, made from the option list in core. Pure: the test
 * `test/package/settings-schema.test.ts` compares both files with it and can write them.
 */
import { DEFAULT_KEEP_ROIS } from '../../core/facts/run-manifest.js';
import { IMAGE_ORDER_IDS, IMAGE_ORDERS } from '../../core/facts/image-orders.js';
import { OPTIONS, OPTION_KEYS, type OptionKey } from '../../core/mining/mining-options.js';
import type { OptionSpec } from '../../core/option-specs.js';
import { BACKGROUND_BELOW } from '../../core/predictions.js';
import { SAMPLERS } from '../../core/mining/samplers/index.js';

/** Settings live under this prefix. */
export const SECTION = 'ohemLens';

/** Colour maps that the panel knows; all readable without red-green vision. */
export const COLOUR_MAPS = ['inferno', 'viridis', 'cividis'] as const;

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One `contributes.configuration` section. */
export interface SettingsSection {
  readonly id: string;
  readonly title: string;
  readonly order: number;
  readonly properties: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

interface Setting {
  /** Name below `ohemLens.`. */
  readonly name: string;
  readonly schema: Readonly<Record<string, Json>>;
  readonly description: string;
  /** One text for each enum value. */
  readonly choices?: readonly string[];
}

/** A backend of the engine room, which the host does not import: its registry is given. */
interface BackendToPin {
  readonly id: string;
  readonly summary: string;
}

const general = (backends: readonly BackendToPin[]): readonly Setting[] => [
  {
    name: 'runFolder',
    schema: { type: 'string', default: 'ohem-runs', scope: 'resource' },
    description:
      'Folder for new runs: relative to the first workspace folder, or absolute. Without a folder open, runs ' +
      'go to the storage of the extension.',
  },
  {
    name: 'backend',
    schema: { type: 'string', enum: ['', ...backends.map(({ id }) => id)], default: '', scope: 'machine-overridable' },
    description:
      'Backend that runs the checkpoint. Where it does not run, that is an error and no other is taken. The ' +
      'panel and the status bar name the one in use; "Choose Backend…" compares them.',
    choices: ['The best that runs here.', ...backends.map(({ summary }) => summary)],
  },
  {
    name: 'nodePath',
    schema: { type: 'string', default: '', scope: 'machine' },
    description:
      'Node.js 20 or later that runs the engine process. Empty: the Node.js that runs VS Code’s server, else ' +
      '`node` on the PATH, else the one that "Set Up GPU Backend" fetched, else the one inside VS Code.',
  },
  {
    name: 'timeLimit',
    schema: { type: 'integer', minimum: 0, maximum: 86400, default: 300, scope: 'machine-overridable' },
    description:
      'Seconds without an image after which a backend is taken to hang: its process is ended, the run keeps ' +
      'its images and can be resumed. 0: never.',
  },
  {
    name: 'keepRois',
    schema: { type: 'integer', minimum: 0, default: DEFAULT_KEEP_ROIS, scope: 'machine-overridable' },
    description:
      'RoIs of an image that a new run keeps, about; selections within them are as of all, others say so. 0: all.',
  },
  {
    name: 'imageOrder',
    schema: { type: 'string', enum: IMAGE_ORDER_IDS, default: 'sum', scope: 'window' },
    description: 'Order of the images in the view "Hard Examples".',
    choices: IMAGE_ORDER_IDS.map((id) => IMAGE_ORDERS[id].help),
  },
  {
    name: 'backgroundBelow',
    schema: { type: 'number', minimum: 0, maximum: 1, default: BACKGROUND_BELOW, scope: 'window' },
    description:
      'Detection score below which a prediction counts as background. A sigmoid head has no background class: its ' +
      'highest score is somebody’s, however small.',
  },
  {
    name: 'dim',
    schema: { type: 'number', minimum: 0, maximum: 1, default: 0.35, scope: 'window' },
    description: 'How much the photograph is darkened so that the colours of the boxes carry: 0 is not at all.',
  },
  {
    name: 'colourMap',
    schema: { type: 'string', enum: COLOUR_MAPS, default: 'inferno', scope: 'window' },
    description: 'Colours of the loss ranks. All can be read without telling red from green.',
  },
];

/** The sections for `contributes.configuration`, texts as `%keys%`. */
export function settingsSections(backends: readonly BackendToPin[]): readonly SettingsSection[] {
  return [
    { id: 'general', title: '%config.general%', order: 1, properties: propertiesOf(general(backends)) },
    { id: 'mining', title: '%config.mining%', order: 2, properties: propertiesOf(miningSettings()) },
  ];
}

/** The texts that belong to the sections, for package.nls.json. */
export function settingsTexts(backends: readonly BackendToPin[]): Readonly<Record<string, string>> {
  const texts: Record<string, string> = { 'config.general': 'General', 'config.mining': 'Mining Defaults' };
  for (const setting of [...general(backends), ...miningSettings()]) {
    texts[textKey(setting.name)] = setting.description;
    setting.choices?.forEach((text, index) => (texts[textKey(setting.name, index)] = text));
  }
  return texts;
}

/** Name of a mining option's setting below `ohemLens.`. */
export function miningSettingName(key: OptionKey | 'preset'): string {
  return `mining.${key}`;
}

function miningSettings(): readonly Setting[] {
  const preset: Setting = {
    name: miningSettingName('preset'),
    schema: { type: 'string', enum: SAMPLERS.map(({ id }) => id), default: 'paper', scope: 'resource' },
    description:
      'Preset of a new run: a named definition of "hard". A preset reads only the options that it knows. ' +
      'Where it is not set, classification takes `top-rate`.',
    choices: SAMPLERS.map(({ title }) => `${title}.`),
  };
  return [preset, ...OPTION_KEYS.map((key) => miningSetting(key, OPTIONS[key]))];
}

function miningSetting(key: OptionKey, spec: OptionSpec): Setting {
  return {
    name: miningSettingName(key),
    schema: { ...optionSchema(spec), scope: 'resource' },
    description: `${spec.label}: ${spec.help}.`,
  };
}

function optionSchema(spec: OptionSpec): Record<string, Json> {
  if (spec.kind === 'choice') return { type: 'string', enum: spec.choices, default: spec.default };
  const type = spec.kind === 'integer' ? 'integer' : 'number';
  const least = spec.minExclusive ? 'exclusiveMinimum' : 'minimum';
  return { type: spec.nullable ? [type, 'null'] : type, [least]: spec.min, maximum: spec.max, default: spec.default };
}

function propertiesOf(settings: readonly Setting[]): SettingsSection['properties'] {
  return Object.fromEntries(
    settings.map((setting, index) => [`${SECTION}.${setting.name}`, propertyOf(setting, index)]),
  );
}

function propertyOf(setting: Setting, index: number): Record<string, Json> {
  const texts = setting.choices?.map((_, choice) => `%${textKey(setting.name, choice)}%`);
  return {
    order: index + 1,
    ...setting.schema,
    ...(texts === undefined ? {} : { enumDescriptions: texts }),
    markdownDescription: `%${textKey(setting.name)}%`,
  };
}

function textKey(name: string, choice?: number): string {
  return choice === undefined ? `config.${name}` : `config.${name}.${choice}`;
}

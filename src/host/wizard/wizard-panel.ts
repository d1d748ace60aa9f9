/** The wizard's panel: shows what an inspection found, takes what the person presses, writes what they save. */
import * as vscode from 'vscode';
import type { Served } from '../../protocol/endpoint.js';
import {
  WIZARD_REQUESTS,
  type InspectionState,
  type WizardHost,
  type WizardView,
} from '../../protocol/inspect-messages.js';
import type { Log } from '../base/log.js';
import { Scope } from '../base/scope.js';
import { confirm } from '../base/speak.js';
import { WebviewPage } from '../base/webview-page.js';
import type { EngineProcess } from '../engine/engine-process.js';
import type { EngineService } from '../engine/engine-service.js';
import type { ImageSources } from '../run/image-source.js';

export interface WizardServices {
  readonly log: Log;
  readonly engine: EngineService;
  readonly images: ImageSources;
  /** Folder of the webview's bundle. */
  readonly assets: vscode.Uri;
}

/** An inspection, and the process that keeps it. */
export interface Wizard {
  readonly engine: Pick<EngineProcess, 'call' | 'kill'>;
  readonly state: InspectionState;
  /** Name of the checkpoint's file. */
  readonly title: string;
  /** Mining goes on after the saving. */
  readonly minesNext: boolean;
}

export class WizardPanel {
  readonly #scope = new Scope();
  readonly #page: WebviewPage<WizardHost, WizardView>;
  #state: InspectionState;
  #settle: (saved: string | undefined) => void = () => undefined;
  /** Path of the contract that was written; undefined where the panel was closed before. */
  readonly saved: Promise<string | undefined>;

  constructor(
    private readonly wizard: Wizard,
    private readonly services: WizardServices,
    readonly panel = vscode.window.createWebviewPanel('ohemLens.wizard', wizard.title, vscode.ViewColumn.Active),
  ) {
    const { assets, images, log } = services;
    const title = vscode.l10n.t('Describe {0}', wizard.title);
    this.#state = wizard.state;
    this.saved = new Promise((resolve) => (this.#settle = resolve));
    panel.title = title;
    this.#page = this.#scope.add(
      new WebviewPage<WizardHost, WizardView>(panel, {
        assets,
        bundle: 'wizard',
        title,
        roots: () => images.roots,
        served: this.#served(),
        requests: WIZARD_REQUESTS,
        log,
        notice: (text) => this.#page.tell('notice', { text }),
      }),
    );
    this.#scope.add(images.folders.onDidAllow(() => void this.#page.guard(() => this.#foldersChanged())));
    this.#scope.onDispose(() => wizard.engine.kill());
    panel.onDidDispose(() => {
      this.#settle(undefined);
      this.#scope.dispose();
    });
  }

  /** How the inspection stands. */
  get state(): InspectionState {
    return this.#state;
  }

  #served(): Served<WizardHost> {
    const { engine } = this.wizard;
    return {
      ready: () => {
        this.#page.begin();
        return this.#send();
      },
      take: async ({ reading }) => this.#show(await engine.call('takeReading', { reading })),
      repair: async (repair) => this.#show(await engine.call('repairReading', repair)),
      save: () => this.#save(),
    };
  }

  #show(state: InspectionState): Promise<void> {
    this.#state = state;
    return this.#send();
  }

  async #send(): Promise<void> {
    const { title, minesNext } = this.wizard;
    const uris = await Promise.all(this.#state.images.map(({ path }) => this.#uriOf(path)));
    this.#page.tell('wizard', { wizard: { title, inspection: this.#state, uris, minesNext } });
  }

  async #uriOf(path: string): Promise<string | null> {
    const source = await this.services.images.of(path, '');
    if (source.outside !== undefined) this.services.images.folders.offer(source.outside);
    return this.#page.uriOf(source.path);
  }

  /** What a person wrote themselves is replaced only where they say so. */
  async #save(): Promise<void> {
    const { engine } = this.wizard;
    const first = await engine.call('saveReading', { replace: false });
    if (first.contradicted.length > 0 && !(await mayReplace(first.path, first.contradicted))) return;
    const { path } = first.contradicted.length === 0 ? first : await engine.call('saveReading', { replace: true });
    this.#settle(path);
    this.panel.dispose();
  }

  async #foldersChanged(): Promise<void> {
    this.#page.setRoots();
    await this.#send();
  }
}

function mayReplace(path: string, keys: readonly string[]): Promise<boolean> {
  const question = vscode.l10n.t('The contract that is there says otherwise. Replace what it says?');
  return confirm(question, `${path}: ${keys.join(', ')}`, vscode.l10n.t('Replace'));
}

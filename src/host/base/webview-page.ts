/** What the webviews share: the page, what it may load, and a conversation that ends when the page goes. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { checkedApi, type Schemas } from '../../protocol/check.js';
import { createEndpoint, type Api, type Endpoint, type Params, type Served } from '../../protocol/endpoint.js';
import { messageOf, type Log } from './log.js';
import { panelHtml } from './panel-html.js';
import { Scope } from './scope.js';

export interface PageParts<Local> {
  /** Folder of the webviews' bundles. */
  readonly assets: vscode.Uri;
  /** Name of the script and of the style sheet there. */
  readonly bundle: string;
  readonly title: string;
  /** Absolute folders that pictures may come from now. */
  roots(): readonly string[];
  /** What the page may ask, and what it must look like. */
  readonly served: Served<Local>;
  readonly requests: Schemas<Local>;
  readonly log: Log;
  /** What the page begins with where its tab has kept nothing. */
  readonly kept?: Readonly<Record<string, unknown>>;
  /** Tells the person what failed. */
  notice(text: string): void;
}

/** VS Code frees a page that goes out of sight and loads it anew when it comes back. */
export class WebviewPage<Local extends Api<Local>, Remote extends Api<Remote>> implements vscode.Disposable {
  readonly #scope = new Scope();
  readonly #served: Served<Local>;
  #endpoint: Endpoint<Remote>;
  #receive: (message: unknown) => void = () => undefined;
  #ready = false;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly parts: PageParts<Local>,
  ) {
    const { webview } = panel;
    this.#served = logged(checkedApi(parts.requests, parts.served), parts.log);
    this.#endpoint = this.#converse();
    this.setRoots();
    this.#scope.add(webview.onDidReceiveMessage((message) => this.#receive(message)));
    this.#scope.add(panel.onDidChangeViewState(() => panel.visible || this.#gone()));
    webview.html = this.#html();
  }

  /** The page listens: between `begin` and its going out of sight. */
  get ready(): boolean {
    return this.#ready;
  }

  /** The page has said that it listens. */
  begin(): void {
    this.#ready = true;
  }

  /** Nothing happens while the page does not listen: what was posted would arrive twice. It asks when it comes back. */
  tell<M extends keyof Remote & string>(method: M, params: Params<Remote, M>): void {
    if (this.#ready) this.#endpoint.tell(method, params);
  }

  /** A failure belongs into the log and before the person's eyes, wherever it came from. */
  async guard(act: () => unknown): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.parts.log.error(messageOf(error));
      this.parts.notice(messageOf(error));
    }
  }

  /** Lets the page load from `roots` as they are now. */
  setRoots(): void {
    const { assets, roots } = this.parts;
    const folders = roots().map((path) => vscode.Uri.file(path));
    this.panel.webview.options = { enableScripts: true, localResourceRoots: [assets, ...folders] };
  }

  /** A file's address for the page. */
  uriOf(path: string): string;
  uriOf(path: string | null): string | null;
  uriOf(path: string | null): string | null {
    return path === null ? null : this.panel.webview.asWebviewUri(vscode.Uri.file(path)).toString();
  }

  dispose(): void {
    this.#ready = false;
    this.#endpoint.close(new Error('the panel is closed'));
    this.#scope.dispose();
  }

  /** Calls that wait reject, answers that are on their way go nowhere; the next page has a conversation of its own. */
  #gone(): void {
    if (!this.#ready) return;
    this.#ready = false;
    this.#endpoint.close(new Error('the panel is out of sight'));
    this.#endpoint = this.#converse();
  }

  #converse(): Endpoint<Remote> {
    const transport = {
      post: (message: unknown) => void (this.#ready && this.panel.webview.postMessage(message)),
      on: (receive: (message: unknown) => void) => (this.#receive = receive),
    };
    return createEndpoint<Local, Remote>(this.#served, transport, (error) => this.parts.notice(messageOf(error)));
  }

  #html(): string {
    const { webview } = this.panel;
    const { assets, bundle, title, kept } = this.parts;
    const uri = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(assets, name)).toString();
    return panelHtml({
      cspSource: webview.cspSource,
      nonce: randomBytes(24).toString('base64url'),
      scriptUri: uri(`${bundle}.js`),
      styleUri: uri(`${bundle}.css`),
      language: vscode.env.language,
      title,
      words: vscode.l10n.bundle,
      ...(kept && { kept }),
    });
  }
}

type Answer = (params: never, signal: AbortSignal) => unknown;

/** The same functions, whose failures stand in the log whoever hears of them. */
function logged<A extends Api<A>>(served: Served<A>, log: Log): Served<A> {
  const answers = Object.entries<Answer>(served).map(([method, answer]) => {
    const loggedAnswer: Answer = async (params, signal) => {
      try {
        return await answer(params, signal);
      } catch (error) {
        log.error(messageOf(error));
        throw error;
      }
    };
    return [method, loggedAnswer];
  });
  return Object.fromEntries(answers) as Served<A>;
}

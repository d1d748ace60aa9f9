/** Tools for the editor's language models: the engine process answers, over the runs that this window knows. */
import * as vscode from 'vscode';
import { workspaceFolders } from '../base/local-path.js';
import type { EngineService } from '../engine/engine-service.js';
import type { Runs } from './runs.js';

/** The part of the manifest that lists the tools: what it says and what is registered cannot differ. */
interface Manifest {
  readonly contributes: { readonly languageModelTools: readonly { readonly name: string }[] };
}

/** Tools of the editor are named in one room with everybody's. */
const PREFIX = 'ohem_';

/** Registers the tools of package.json. They read, and never ask the person: what they read is in the workspace. */
export function registerAgentTools(context: vscode.ExtensionContext, engine: EngineService, runs: Runs) {
  const { contributes } = context.extension.packageJSON as Manifest;
  const registered = contributes.languageModelTools.map(({ name }) =>
    vscode.lm.registerTool<object>(name, {
      async invoke({ input }) {
        const [root = ''] = workspaceFolders();
        const known = { root, paths: [...(await runs.paths())] };
        const { answer } = await engine.call('askAgentTool', { name: name.slice(PREFIX.length), input, ...known });
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(answer)]);
      },
    }),
  );
  return vscode.Disposable.from(...registered);
}

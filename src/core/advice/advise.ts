/** Whether mining suits a run, in one line with its reason and evidence. */
import { samplerOf } from '../mining/samplers/index.js';
import { inWords, said, type Said, type Translate } from '../said.js';
import type { AdviceFacts } from './advice-facts.js';
import { ADVICE_RULES, ADVICE_WORDS, type Severity, type TrainingPlan } from './rules.js';

/** One rule that found something. */
export interface Finding {
  readonly id: string;
  readonly severity: Severity;
  readonly says: Said;
  readonly todo: Said;
  readonly evidence: string;
}

export interface Advice {
  /** The worst severity found; `suits`: nothing was; `blind`: the preset does not look at losses. */
  readonly verdict: Severity | 'suits' | 'blind';
  /** In the order in which they count. */
  readonly findings: readonly Finding[];
}

/**
 * What is known about mining with these facts. Pure.
 * @param plan how the RoIs of a training come about; null: nobody is about to train.
 */
export function adviceOf(facts: AdviceFacts, plan: TrainingPlan | null = null): Advice {
  if (samplerOf(facts.mining.preset).looks === 'blind') return { verdict: 'blind', findings: [] };
  const findings = ADVICE_RULES.flatMap(({ id, severity, finds, todo, evidence }): Finding[] => {
    const says = finds(facts, plan);
    return says === null ? [] : [{ id, severity, says, todo: todo(facts), evidence }];
  });
  const isAgainst = findings.some(({ severity }) => severity === 'against');
  return { verdict: isAgainst ? 'against' : findings.length > 0 ? 'caution' : 'suits', findings };
}

/** `mining would train on 71 % foreground (…): prefer mmdet / ssd, or raise B to 256`. */
export function findingText({ says, todo }: Finding, translate?: Translate): string {
  return inWords(said`${says}: ${todo}`, translate);
}

/** The verdict in one line. */
export function verdictText({ verdict, findings }: Advice, facts: AdviceFacts, translate?: Translate): string {
  const [first] = findings;
  if (first !== undefined) return findingText(first, translate);
  const { preset } = facts.mining;
  const told = verdict === 'blind' ? facts.others.find((other) => other.preset === 'paper') : facts.own;
  const text = ADVICE_WORDS[verdict === 'blind' ? 'blind' : 'suits'];
  return inWords({ text, values: [preset, Math.round(100 * (told?.foregroundShare ?? 0))] }, translate);
}

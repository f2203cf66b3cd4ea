/** The one place where what the reducer wants done outside is done. */

import type {Target} from '../../target/target.ts';
import type {MachineRequest} from '../state/machines.ts';
import type {OwnFileRequest, OwnFiles} from '../state/ownFiles.ts';
import type {Effect, Message} from '../state/state.ts';

export type EffectContext = {
	readonly target: Target;
	readonly dispatch: (message: Message) => void;
	readonly nowMs: () => number;
	/** Asks for a sample now: something was done that will show. */
	readonly sampleSoon: () => void;
	/** Puts a text where the terminal pastes from. */
	readonly copy: (text: string) => void;
	/** Files of this host; without, none can be run or loaded. */
	readonly own?: OwnFiles | undefined;
	/** Without, there is one machine. */
	readonly machines?: (request: MachineRequest) => void;
	readonly redraw: () => void;
	readonly suspend: () => void;
	readonly quit: () => void;
};

/** What an error says, in one line. A target's errors are sentences. */
export const sentenceOf = (error: unknown): string =>
	(error instanceof Error ? error.message : String(error)).split('\n')[0]!;

async function write({path, text, purpose}: Extract<Effect, {type: 'write'}>, context: EffectContext): Promise<void> {
	const {target, dispatch, nowMs, sampleSoon} = context;
	try {
		const answer = await target.write(path, text);
		// The question goes out before what is known already is drawn: the target answers meanwhile.
		sampleSoon();
		dispatch({type: 'written', purpose, answer, nowMs: nowMs()});
	} catch (error) {
		const isInject = purpose.kind === 'inject';
		const what = isInject ? purpose.experiment : purpose.words;
		const predicted = isInject ? purpose.predicted : undefined;
		dispatch({type: 'refused', what, reason: sentenceOf(error), nowMs: nowMs(), predicted});
	}
}

function play(words: string, {target, dispatch, nowMs, sampleSoon}: EffectContext): void {
	try {
		target.play?.(words);
		sampleSoon();
	} catch (error) {
		dispatch({type: 'refused', what: words, reason: sentenceOf(error), nowMs: nowMs()});
	}
}

async function list(path: string, {target, dispatch}: EffectContext): Promise<void> {
	try {
		dispatch({type: 'listed', path, names: await target.list(path)});
	} catch {
		// Not every target has every directory, and a lost one is told by its samples.
	}
}

async function translate(path: string, {target, dispatch, nowMs}: EffectContext): Promise<void> {
	try {
		const content = await target.read(path);
		dispatch({type: 'translated', text: typeof content === 'string' ? content : '', nowMs: nowMs()});
	} catch (error) {
		dispatch({type: 'refused', what: 'follow', reason: sentenceOf(error), nowMs: nowMs()});
	}
}

async function ask(path: string, {target, dispatch}: EffectContext): Promise<void> {
	try {
		const content = await target.read(path);
		dispatch({type: 'answered', path, text: typeof content === 'string' ? content : ''});
	} catch {
		// The sample says the same, in the place where the answer would stand.
		dispatch({type: 'answered', path, text: undefined});
	}
}

async function doOwnFile(request: OwnFileRequest, context: EffectContext): Promise<void> {
	const {target, own, dispatch, nowMs, sampleSoon} = context;
	if (request.kind === 'remember') {
		dispatch({type: 'remembered', lines: own?.remembered() ?? []});
		return;
	}
	if (request.kind === 'complete') {
		const paths = (await own?.complete(request.text)) ?? [];
		dispatch({type: 'completed', text: request.text, paths, nowMs: nowMs()});
		return;
	}
	const [what = ''] = request.line.split(' ');
	try {
		if (!own) throw new Error('this monitor has no files of its own');
		const answer = await own.start(target, request.line);
		sampleSoon();
		const purpose = {kind: 'inject', experiment: what, predicted: undefined} as const;
		dispatch({type: 'written', purpose, answer, nowMs: nowMs()});
	} catch (error) {
		dispatch({type: 'refused', what, reason: sentenceOf(error), nowMs: nowMs()});
	}
}

export function perform(effect: Effect, context: EffectContext): void {
	switch (effect.type) {
		case 'write':
			void write(effect, context);
			return;
		case 'play':
			play(effect.words, context);
			return;
		case 'list':
			void list(effect.path, context);
			return;
		case 'translate':
			void translate(effect.path, context);
			return;
		case 'ask':
			void ask(effect.path, context);
			return;
		case 'own':
			void doOwnFile(effect.request, context);
			return;
		case 'copy':
			context.copy(effect.text);
			return;
		case 'machines':
			context.machines?.(effect.request);
			return;
		case 'redraw':
			context.redraw();
			return;
		case 'suspend':
			context.suspend();
			return;
		case 'quit':
			context.quit();
			return;
	}
}

/** Connections to a machine of a class: opened when they are needed, and again after they failed. */

import {path} from '../../model/paths.ts';
import type {Sample, SampleRequest, Target} from '../../target/target.ts';
import type {WallMachine} from './wallClass.ts';

type As = Parameters<WallMachine['open']>[0];

export class WallConnection {
	readonly #machine: WallMachine;
	readonly #open = new Map<As, Promise<Target>>();
	#isClosed = false;

	constructor(machine: WallMachine) {
		this.#machine = machine;
	}

	/** @throws TargetError as long as the machine is not there; tried anew at the next call */
	async sample(request: SampleRequest): Promise<Sample> {
		return (await this.#target('observer')).sample(request);
	}

	/** Writes to lab/class. @throws TargetError */
	async write(text: string): Promise<void> {
		await (await this.#target('helper')).write(path.class, text);
	}

	close(): void {
		this.#isClosed = true;
		for (const target of this.#open.values()) void target.then(each => each.close()).catch(() => {});
		this.#open.clear();
	}

	async #target(as: As): Promise<Target> {
		const known = this.#open.get(as) ?? this.#machine.open(as);
		this.#open.set(as, known);
		try {
			const target = await known;
			if (this.#isClosed) void target.close();
			return target;
		} catch (error) {
			this.#open.delete(as);
			throw error;
		}
	}
}

/** When to draw: once for all that happened in a turn, and to be sent when React has done its part. */

type Drawing = {
	soon(): void;
	/** Is something to be drawn, or drawn and not sent yet? */
	readonly isUnderWay: boolean;
};

/** @param draw tells React, which does its part in a microtask: before the one that is asked for here */
export function createDrawing(draw: () => void, send: () => void): Drawing {
	let isDue = false;
	let isSending = false;

	const end = (): void => {
		isSending = false;
		send();
	};

	const begin = (): void => {
		isDue = false;
		isSending = true;
		draw();
		queueMicrotask(end);
	};

	return {
		soon() {
			if (isDue) return;
			isDue = true;
			queueMicrotask(begin);
		},
		get isUnderWay() {
			return isDue || isSending;
		},
	};
}

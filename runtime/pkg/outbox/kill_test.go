package outbox

func appendUntilKilled(string) {}
